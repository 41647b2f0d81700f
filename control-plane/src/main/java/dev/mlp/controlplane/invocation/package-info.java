/** The gateway: routes invocations from memory. */
@NullMarked
package dev.mlp.controlplane.invocation;

import org.jspecify.annotations.NullMarked;
