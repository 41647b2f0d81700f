/** Endpoint configurations and endpoints. */
@NullMarked
package dev.mlp.controlplane.endpoint;

import org.jspecify.annotations.NullMarked;
