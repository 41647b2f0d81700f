package dev.mlp.sdk;

/** An invocation that gave no answer; the subclass says whose doing it was. */
public abstract sealed class PredictionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private PredictionException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The model's container answered with an error. The same request will get the same answer. */
  public static final class ModelFailed extends PredictionException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String answer;

    ModelFailed(int status, String answer, Throwable cause) {
      super("the model answered " + status + ": " + answer, cause);
      this.status = status;
      this.answer = answer;
    }

    /** The container's HTTP status. */
    public int status() {
      return status;
    }

    /** The container's answer. */
    public String answer() {
      return answer;
    }
  }

  /** The platform refused the request: no such endpoint, or no right to use it. */
  public static final class Refused extends PredictionException {
    private static final long serialVersionUID = 1L;

    Refused(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Nothing is ready to answer right now; a later try may succeed. */
  public static final class Unavailable extends PredictionException {
    private static final long serialVersionUID = 1L;

    Unavailable(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
