/** The models of one server: where they lie, their names and versions. */
@NullMarked
package dev.mlp.inference.model;

import org.jspecify.annotations.NullMarked;
