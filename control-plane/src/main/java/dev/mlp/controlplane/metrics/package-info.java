/** Metrics parsed from logs, and the server's own. */
@NullMarked
package dev.mlp.controlplane.metrics;

import org.jspecify.annotations.NullMarked;
