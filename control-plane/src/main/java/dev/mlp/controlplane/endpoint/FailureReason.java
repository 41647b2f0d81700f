package dev.mlp.controlplane.endpoint;

import java.time.Duration;
import java.util.List;

/**
 * Failure reasons in words: what happened first, then as much of the log's end as there is room.
 */
final class FailureReason {
  static final int LIMIT = 1024;

  private FailureReason() {}

  /**
   * @param lastPing what the last ping got, such as {@code HTTP 500}
   * @param log the last lines, oldest first
   */
  static String of(String variant, InstanceTrouble trouble, String lastPing, List<String> log) {
    return switch (trouble) {
      case InstanceTrouble.Exited(var exit) ->
          withLog(
              pingFailure(variant)
                  + " The container exited with code "
                  + exit.code()
                  + (exit.outOfMemory() ? " (out of memory)" : "")
                  + "."
                  + exit.failure().map(text -> " Failure: " + text.strip()).orElse("")
                  + lastPing(lastPing),
              log);
      case InstanceTrouble.StartTooSlow(var allowed) ->
          withLog(
              pingFailure(variant)
                  + " It was given "
                  + words(allowed)
                  + " to start."
                  + lastPing(lastPing),
              log);
      case InstanceTrouble.Unresponsive(var pings) ->
          withLog(
              pingFailure(variant)
                  + " It stopped answering: "
                  + pings
                  + " pings in a row failed."
                  + lastPing(lastPing),
              log);
      case InstanceTrouble.Vanished(var reason) ->
          withLog(pingFailure(variant) + " The container is gone: " + reason, log);
      case InstanceTrouble.Broke(var step, var reason) ->
          withLog(
              switch (step) {
                case STAGING ->
                    "Failed to download the model data of production variant "
                        + variant
                        + ": "
                        + reason;
                case STARTING ->
                    "Failed to start the primary container for production variant "
                        + variant
                        + ": "
                        + reason;
                case RUNNING, COLLECTING ->
                    "The primary container for production variant " + variant + " ended: " + reason;
              },
              log);
      case InstanceTrouble.StagingTooSlow(var allowed) ->
          cut(
              "The model data of production variant "
                  + variant
                  + " was not downloaded within "
                  + words(allowed)
                  + ".");
      case InstanceTrouble.Refused(var reason) ->
          cut(
              "The primary container for production variant "
                  + variant
                  + " cannot be run: "
                  + reason);
    };
  }

  /** For an endpoint whose instances never got the memory that they asked for. */
  static String noCapacity(String variant, String waitingFor) {
    return cut(
        "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity"
            + " error for production variant "
            + variant
            + ": "
            + waitingFor
            + ". Please retry using a smaller ML instance type or fewer instances, or after other"
            + " work has given its memory back.");
  }

  private static String pingFailure(String variant) {
    return "The primary container for production variant "
        + variant
        + " did not pass the ping health check. Please check CloudWatch logs for this endpoint.";
  }

  private static String lastPing(String answer) {
    return " Last ping: " + answer + ".";
  }

  /** Whole lines from the end of the log, as many as there is room for. */
  private static String withLog(String text, List<String> log) {
    String head = " Last log lines:";
    int room = LIMIT - text.length() - head.length();
    StringBuilder lines = new StringBuilder();
    for (int i = log.size() - 1; i >= 0; i--) {
      String line = "\n" + log.get(i).strip();
      if (line.length() > room) {
        break;
      }
      room -= line.length();
      lines.insert(0, line);
    }
    return cut(lines.isEmpty() ? text : text + head + lines);
  }

  private static String cut(String text) {
    return text.length() <= LIMIT ? text : text.substring(0, LIMIT - 1) + "…";
  }

  private static String words(Duration duration) {
    return duration.toSeconds() + " seconds";
  }
}
