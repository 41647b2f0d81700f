/** SavedModels on TensorFlow's C API. The only package that touches native memory. */
@NullMarked
package dev.mlp.inference.tensorflow;

import org.jspecify.annotations.NullMarked;
