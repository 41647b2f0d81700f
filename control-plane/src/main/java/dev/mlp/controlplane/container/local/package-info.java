/**
 * Instance groups whose folders are on the control plane's own machine: staging, the life of a
 * member, collecting. An {@link dev.mlp.controlplane.container.local.Engine} runs the programs.
 */
@NullMarked
package dev.mlp.controlplane.container.local;

import org.jspecify.annotations.NullMarked;
