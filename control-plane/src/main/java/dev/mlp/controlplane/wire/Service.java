package dev.mlp.controlplane.wire;

/** The services that answer here, and how each of them speaks. */
public enum Service {
  SAGEMAKER("sagemaker", "sagemaker", "SageMaker", Protocol.JSON, ErrorCode.VALIDATION),
  SAGEMAKER_RUNTIME(
      "sagemaker-runtime", "sagemaker", "", Protocol.REST_JSON, ErrorCode.VALIDATION_ERROR),
  LOGS("logs", "logs", "Logs_20140328", Protocol.JSON, ErrorCode.INVALID_PARAMETER),
  MONITORING("cloudwatch", "monitoring", "2010-08-01", Protocol.QUERY, ErrorCode.VALIDATION_ERROR),
  STS("sts", "sts", "2011-06-15", Protocol.QUERY, ErrorCode.VALIDATION_ERROR);

  /** The form of requests, answers and errors. */
  public enum Protocol {
    /** AWS JSON 1.1: {@code X-Amz-Target} names the operation. */
    JSON,
    /** Paths, headers and JSON. */
    REST_JSON,
    /** A form whose {@code Action} names the operation; answers are XML. */
    QUERY
  }

  private final String wireName;
  private final String signingName;
  private final String target;
  private final Protocol protocol;
  private final ErrorCode invalidInput;

  Service(
      String wireName,
      String signingName,
      String target,
      Protocol protocol,
      ErrorCode invalidInput) {
    this.wireName = wireName;
    this.signingName = signingName;
    this.target = target;
    this.protocol = protocol;
    this.invalidInput = invalidInput;
  }

  /** As the constraints table calls it. */
  public String wireName() {
    return wireName;
  }

  /** As the scope of a signature names it. */
  public String signingName() {
    return signingName;
  }

  /** What stands before the dot in {@code X-Amz-Target}, or the query protocol's version. */
  public String target() {
    return target;
  }

  /** The namespace of the query protocol's XML. */
  String xmlNamespace() {
    return switch (this) {
      case MONITORING -> "http://monitoring.amazonaws.com/doc/2010-08-01/";
      case STS -> "https://sts.amazonaws.com/doc/2011-06-15/";
      case SAGEMAKER, SAGEMAKER_RUNTIME, LOGS ->
          throw new IllegalStateException(this + " does not speak XML");
    };
  }

  public Protocol protocol() {
    return protocol;
  }

  /** The error of a request that breaks a constraint. */
  public ErrorCode invalidInput() {
    return invalidInput;
  }
}
