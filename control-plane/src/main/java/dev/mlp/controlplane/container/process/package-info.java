/** Instances as processes of this machine, without containers. */
@NullMarked
package dev.mlp.controlplane.container.process;

import org.jspecify.annotations.NullMarked;
