/** The HTTP side: SageMaker's /ping and /invocations, TensorFlow Serving's REST API. */
@NullMarked
package dev.mlp.inference.http;

import org.jspecify.annotations.NullMarked;
