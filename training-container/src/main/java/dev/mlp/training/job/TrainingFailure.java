package dev.mlp.training.job;

import org.jspecify.annotations.Nullable;

/**
 * The job cannot succeed as it was asked for: a bad hyperparameter, data that cannot be used. The
 * message says what was found, what was expected and where; it becomes the job's failure reason as
 * it stands, without a stack trace.
 */
public final class TrainingFailure extends RuntimeException {

  public TrainingFailure(String message) {
    super(message);
  }

  public TrainingFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
