/** Tests of the container runtimes, and the fake that other tests run against. */
@NullMarked
package dev.mlp.controlplane.container;

import org.jspecify.annotations.NullMarked;
