package dev.mlp.controlplane.wire;

import software.amazon.awssdk.core.SdkPojo;

/** The SDK's model classes by name, for tests that go through all of them. */
final class SdkModels {
  private SdkModels() {}

  static SdkPojo builder(Service service, String modelClass) {
    String artifact =
        switch (service) {
          case SAGEMAKER -> "sagemaker";
          case SAGEMAKER_RUNTIME -> "sagemakerruntime";
          case LOGS -> "cloudwatchlogs";
          case MONITORING -> "cloudwatch";
          case STS -> "sts";
        };
    try {
      return (SdkPojo)
          Class.forName("software.amazon.awssdk.services." + artifact + ".model." + modelClass)
              .getMethod("builder")
              .invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(modelClass, e);
    }
  }
}
