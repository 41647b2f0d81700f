/** Objects: the SPI, the embedded S3 server, staging and collecting. */
@NullMarked
package dev.mlp.controlplane.artifact;

import org.jspecify.annotations.NullMarked;
