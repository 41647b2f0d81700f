/** The model server: finds SavedModels, loads them, and answers predictions over HTTP. */
@NullMarked
package dev.mlp.inference;

import org.jspecify.annotations.NullMarked;
