/** Instance types and the machine's memory, reserved per instance. */
@NullMarked
package dev.mlp.controlplane.capacity;

import org.jspecify.annotations.NullMarked;
