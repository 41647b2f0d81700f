/** The loop that every reconciler runs on. */
@NullMarked
package dev.mlp.controlplane.reconcile;

import org.jspecify.annotations.NullMarked;
