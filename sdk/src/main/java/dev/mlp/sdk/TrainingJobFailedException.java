package dev.mlp.sdk;

/** A training job has ended in Failed. */
public final class TrainingJobFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String jobName;
  private final String failureReason;

  TrainingJobFailedException(String jobName, String failureReason) {
    super("training job " + jobName + " failed: " + failureReason);
    this.jobName = jobName;
    this.failureReason = failureReason;
  }

  /** The job. */
  public String jobName() {
    return jobName;
  }

  /** What the platform says about it: the failure file, or the exit code and the last lines. */
  public String failureReason() {
    return failureReason;
  }
}
