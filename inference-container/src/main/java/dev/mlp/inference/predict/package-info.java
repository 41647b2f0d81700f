/** TensorFlow Serving's JSON predict protocol: request bodies to tensors, tensors to answers. */
@NullMarked
package dev.mlp.inference.predict;

import org.jspecify.annotations.NullMarked;
