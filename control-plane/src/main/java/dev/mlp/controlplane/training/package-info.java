/** Training jobs. */
@NullMarked
package dev.mlp.controlplane.training;

import org.jspecify.annotations.NullMarked;
