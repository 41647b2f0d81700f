package dev.mlp.controlplane.artifact;

import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Failures in words for people, who know files and buckets and no Java. */
public final class FailureText {
  private FailureText() {}

  /** What happened and to what; never the name of a class. */
  public static String of(Throwable failure) {
    String message = failure.getMessage();
    return switch (failure) {
      // Their message is a bare path where the system gave no reason.
      case FileSystemException e when e.getReason() == null && e.getFile() != null ->
          e.getFile() + ": " + kind(e);
      case UnknownHostException _ when message != null -> message + ": unknown host";
      default -> {
        if (message != null && !message.isBlank()) {
          yield message;
        }
        yield failure.getCause() == null
            ? "it failed for a reason that only the server's log tells"
            : of(failure.getCause());
      }
    };
  }

  private static String kind(FileSystemException e) {
    return switch (e) {
      case NoSuchFileException _ -> "it does not exist";
      case AccessDeniedException _ -> "access denied";
      case FileAlreadyExistsException _ -> "it is there already";
      default -> "it cannot be read or written";
    };
  }
}
