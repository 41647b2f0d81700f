package dev.mlp.controlplane.wire;

/**
 * Every error that leaves the server: its name on the wire, its HTTP status, and whose turn it is
 * to act.
 */
public enum ErrorCode {
  // Every service.
  ACCESS_DENIED("AccessDeniedException", 403, Category.USER),
  INCOMPLETE_SIGNATURE("IncompleteSignatureException", 403, Category.USER),
  INTERNAL_FAILURE("InternalFailure", 500, Category.INTERNAL),
  INVALID_SIGNATURE("InvalidSignatureException", 403, Category.USER),
  MISSING_AUTHENTICATION_TOKEN("MissingAuthenticationTokenException", 403, Category.USER),
  REQUEST_ENTITY_TOO_LARGE("RequestEntityTooLargeException", 413, Category.USER),
  REQUEST_TIMEOUT("RequestTimeout", 408, Category.USER),
  SERIALIZATION("SerializationException", 400, Category.USER),
  SERVICE_UNAVAILABLE("ServiceUnavailable", 503, Category.CAPACITY),
  THROTTLING("ThrottlingException", 429, Category.CAPACITY),
  UNKNOWN_OPERATION("UnknownOperationException", 404, Category.USER),
  UNRECOGNIZED_CLIENT("UnrecognizedClientException", 403, Category.USER),
  VALIDATION("ValidationException", 400, Category.USER),
  // SageMaker: no "Exception" at the end.
  CONFLICT("ConflictException", 409, Category.USER),
  RESOURCE_IN_USE("ResourceInUse", 400, Category.USER),
  RESOURCE_LIMIT_EXCEEDED("ResourceLimitExceeded", 400, Category.CAPACITY),
  RESOURCE_NOT_FOUND("ResourceNotFound", 400, Category.USER),
  // The runtime.
  INTERNAL_DEPENDENCY("InternalDependencyException", 530, Category.DEPENDENCY),
  MODEL_ERROR("ModelError", 424, Category.DEPENDENCY),
  MODEL_NOT_READY("ModelNotReadyException", 429, Category.CAPACITY),
  VALIDATION_ERROR("ValidationError", 400, Category.USER),
  // CloudWatch, in the words of the query protocol.
  INVALID_NEXT_TOKEN("InvalidNextToken", 400, Category.USER),
  INVALID_PARAMETER_COMBINATION("InvalidParameterCombination", 400, Category.USER),
  INVALID_PARAMETER_VALUE("InvalidParameterValue", 400, Category.USER),
  // CloudWatch Logs.
  INVALID_PARAMETER("InvalidParameterException", 400, Category.USER),
  LOGS_RESOURCE_NOT_FOUND("ResourceNotFoundException", 400, Category.USER);

  /** Who can do something about it. */
  public enum Category {
    USER,
    CAPACITY,
    DEPENDENCY,
    INTERNAL
  }

  private final String wireName;
  private final int status;
  private final Category category;

  ErrorCode(String wireName, int status, Category category) {
    this.wireName = wireName;
    this.status = status;
    this.category = category;
  }

  public String wireName() {
    return wireName;
  }

  public int status() {
    return status;
  }

  public Category category() {
    return category;
  }
}
