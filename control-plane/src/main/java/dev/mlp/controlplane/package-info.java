/**
 * The control plane: arguments, configuration, and the one place where everything is put together.
 */
@NullMarked
package dev.mlp.controlplane;

import org.jspecify.annotations.NullMarked;
