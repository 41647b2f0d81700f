/** Models. */
@NullMarked
package dev.mlp.controlplane.model;

import org.jspecify.annotations.NullMarked;
