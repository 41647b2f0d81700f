/**
 * The protocol: AWS JSON 1.1, REST-JSON, SigV4, constraints, errors. The one place that knows it.
 */
@NullMarked
package dev.mlp.controlplane.wire;

import org.jspecify.annotations.NullMarked;
