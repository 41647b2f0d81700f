@NullMarked
package dev.mlp.controlplane.container.docker;

import org.jspecify.annotations.NullMarked;
