package dev.mlp.sdk;

import java.io.PrintStream;

/**
 * Told what happens to a training job, in the order it happens. Uploads may tell from other
 * threads.
 */
public interface TrainingListener {
  /** Hears nothing. */
  TrainingListener SILENT = new TrainingListener() {};

  /** Local data or code is on its way. */
  default void uploading(TransferListener.Transfer transfer) {}

  /** The platform has accepted the job. */
  default void submitted(String jobName) {}

  /** The job has got further; {@code status} is its secondary status. */
  default void status(String status, String message) {}

  /** A container has written a line. */
  default void log(LogLine line) {}

  /** Prints status and log as plain lines; what nobody asked about stays out. */
  static TrainingListener printing(PrintStream out) {
    return new TrainingListener() {
      @Override
      public void submitted(String jobName) {
        out.println("Training job: " + jobName);
      }

      @Override
      public void status(String status, String message) {
        out.println(status + " - " + message);
      }

      @Override
      public void log(LogLine line) {
        out.println(line.message());
      }
    };
  }
}
