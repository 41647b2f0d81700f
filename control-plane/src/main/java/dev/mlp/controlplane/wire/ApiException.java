package dev.mlp.controlplane.wire;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer that is an error: what the client is told, and nothing that it must not see. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final transient Map<String, Object> members;

  public ApiException(ErrorCode code, String message) {
    this(code, message, Map.of(), null);
  }

  /**
   * @param members further members of the modelled error, such as {@code OriginalStatusCode}:
   *     strings and numbers by wire name
   */
  public ApiException(
      ErrorCode code, String message, Map<String, Object> members, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.members = Map.copyOf(members);
  }

  /** A ValidationException: the request as it stands can never be honoured. */
  public static ApiException validation(String message) {
    return new ApiException(ErrorCode.VALIDATION, message);
  }

  public ErrorCode code() {
    return code;
  }

  public String message() {
    return String.valueOf(getMessage());
  }

  public Map<String, Object> members() {
    return members;
  }
}
