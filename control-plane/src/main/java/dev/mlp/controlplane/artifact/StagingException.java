package dev.mlp.controlplane.artifact;

import java.io.IOException;

/** An input cannot be staged, and trying again would end the same. The message is for users. */
public final class StagingException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Problem {
    /** Nothing is stored at the address. */
    NO_OBJECTS,
    /** A key cannot be a file below the target folder, or two keys are the same file. */
    UNUSABLE_KEY,
    /** The manifest is none, or cannot be read. */
    BAD_MANIFEST,
    /** The archive is damaged, no archive, or wants to write where it must not. */
    BAD_ARCHIVE,
    /** The disk that holds the target is full. */
    DISK_FULL
  }

  private final Problem problem;

  public StagingException(Problem problem, String message) {
    super(message);
    this.problem = problem;
  }

  public StagingException(Problem problem, String message, Throwable cause) {
    super(message, cause);
    this.problem = problem;
  }

  public Problem problem() {
    return problem;
  }
}
