/** Instances as containers of a Docker engine; the only package that imports docker-java. */
@NullMarked
package dev.mlp.controlplane.container.docker;

import org.jspecify.annotations.NullMarked;
