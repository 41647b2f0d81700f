/** Tests of object storage, staging and collecting, and the fake store that others run against. */
@NullMarked
package dev.mlp.controlplane.artifact;

import org.jspecify.annotations.NullMarked;
