/** The SPI for what runs training jobs and model servers, and what it is asked to run. */
@NullMarked
package dev.mlp.controlplane.container;

import org.jspecify.annotations.NullMarked;
