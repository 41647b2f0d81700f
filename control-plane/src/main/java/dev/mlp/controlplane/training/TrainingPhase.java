package dev.mlp.controlplane.training;

/** The secondary statuses that jobs go through here, with the status that each belongs to. */
public enum TrainingPhase {
  STARTING("Starting", "InProgress"),
  PENDING("Pending", "InProgress"),
  DOWNLOADING("Downloading", "InProgress"),
  TRAINING("Training", "InProgress"),
  UPLOADING("Uploading", "InProgress"),
  STOPPING("Stopping", "Stopping"),
  COMPLETED("Completed", "Completed"),
  FAILED("Failed", "Failed"),
  STOPPED("Stopped", "Stopped"),
  MAX_RUNTIME_EXCEEDED("MaxRuntimeExceeded", "Stopped");

  private final String secondaryStatus;
  private final String status;

  TrainingPhase(String secondaryStatus, String status) {
    this.secondaryStatus = secondaryStatus;
    this.status = status;
  }

  /** As {@code SecondaryStatus} has it. */
  public String secondaryStatus() {
    return secondaryStatus;
  }

  /** As {@code TrainingJobStatus} has it. */
  public String status() {
    return status;
  }
}
