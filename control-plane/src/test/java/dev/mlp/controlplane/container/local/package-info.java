/** Tests of the parts that local runtimes share. */
@NullMarked
package dev.mlp.controlplane.container.local;

import org.jspecify.annotations.NullMarked;
