/** Tests of the process runtime. */
@NullMarked
package dev.mlp.controlplane.container.process;

import org.jspecify.annotations.NullMarked;
