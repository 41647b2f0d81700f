/** The built-in images: made on a Docker engine from what the build of this installation left. */
@NullMarked
package dev.mlp.controlplane.container.docker.image;

import org.jspecify.annotations.NullMarked;
