package dev.mlp.controlplane.invocation;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** Which headers go through, in either direction. */
final class InvocationHeaders {
  static final CharSequence TARGET_VARIANT =
      HttpHeaders.createOptimized("x-amzn-sagemaker-target-variant");
  static final CharSequence INVOKED_VARIANT =
      HttpHeaders.createOptimized("x-Amzn-Invoked-Production-Variant");
  private static final CharSequence CUSTOM_ATTRIBUTES =
      HttpHeaders.createOptimized("X-Amzn-SageMaker-Custom-Attributes");

  // Ask for what an endpoint of one model in one container does not have.
  private static final CharSequence[] UNSUPPORTED = {
    HttpHeaders.createOptimized("X-Amzn-SageMaker-Target-Model"),
    HttpHeaders.createOptimized("X-Amzn-SageMaker-Target-Container-Hostname"),
    HttpHeaders.createOptimized("X-Amzn-SageMaker-Inference-Component"),
  };

  private static final CharSequence[] TO_MODEL = {
    // As the caller gave it, or none at all: models tell the two apart.
    HttpHeaders.CONTENT_TYPE,
    HttpHeaders.ACCEPT,
    CUSTOM_ATTRIBUTES,
    HttpHeaders.createOptimized("X-Amzn-SageMaker-Inference-Id"),
    HttpHeaders.createOptimized("X-Amzn-SageMaker-Session-Id"),
    HttpHeaders.createOptimized("traceparent"),
    HttpHeaders.createOptimized("tracestate"),
    HttpHeaders.createOptimized("X-Amzn-Trace-Id"),
  };

  private static final CharSequence[] TO_CLIENT = {
    HttpHeaders.CONTENT_TYPE, HttpHeaders.CONTENT_ENCODING, CUSTOM_ATTRIBUTES,
  };

  private InvocationHeaders() {}

  /** The name of a header that cannot be honoured; null for none. */
  static @Nullable CharSequence unsupported(MultiMap headers) {
    for (CharSequence name : UNSUPPORTED) {
      if (headers.contains(name)) {
        return name;
      }
    }
    return null;
  }

  static void toModel(MultiMap from, MultiMap to) {
    copy(TO_MODEL, from, to);
  }

  static void toClient(MultiMap from, MultiMap to) {
    copy(TO_CLIENT, from, to);
  }

  private static void copy(CharSequence[] names, MultiMap from, MultiMap to) {
    for (CharSequence name : names) {
      String value = from.get(name);
      if (value != null) {
        to.set(name, value);
      }
    }
  }
}
