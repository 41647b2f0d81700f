/** JSON as TensorFlow Serving reads and writes it, on byte arrays and without trees. */
@NullMarked
package dev.mlp.inference.json;

import org.jspecify.annotations.NullMarked;
