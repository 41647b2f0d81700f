package dev.mlp.controlplane.training;

import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.Phase;
import java.util.List;
import java.util.Optional;

/** Words why a job failed, as SageMaker does: whose fault it is, and what is known. */
final class FailureReason {
  /** What the API admits. */
  static final int MAX_LENGTH = 1024;

  static final String INSTANCES_GONE =
      "InternalServerError: The instances of the training job are gone, and nobody can say how"
          + " their programs ended. Please try again.";

  private FailureReason() {}

  /**
   * @param member a host that failed
   * @param hosts how many the job has: with more than one, the reason names it
   * @param logTail the last lines of its log, oldest first
   */
  static String of(MemberObservation member, int hosts, List<String> logTail) {
    String where = hosts > 1 ? " (" + member.hostName() + ")" : "";
    return switch (member.phase()) {
      case Phase.Collecting(Phase.Exit exit) -> ofExit(exit, where, logTail);
      case Phase.Exited(Phase.Exit exit) -> ofExit(exit, where, logTail);
      case Phase.Broken(Phase.Step step, _, Optional<Phase.Exit> exit)
          when step != Phase.Step.RUNNING && exit.isPresent() && exit.get().code() != 0 ->
          ofExit(exit.get(), where, logTail);
      case Phase.Broken(Phase.Step step, String reason, _) ->
          cut(
              switch (step) {
                case STAGING -> "ClientError: Data download failed: " + reason + where;
                case STARTING ->
                    "InternalServerError: The instance could not be started: " + reason + where;
                case RUNNING -> "ClientError: " + reason + where;
                case COLLECTING -> "ClientError: Artifact upload failed: " + reason + where;
              });
      case Phase.Lost(String reason) ->
          cut("InternalServerError: The instance was lost: " + reason + where);
      case Phase.Pending _, Phase.Staging _, Phase.Running _ ->
          throw new IllegalArgumentException(member + " has not failed");
    };
  }

  /** Accepted once, and more than the machine has now. */
  static String noCapacity(String reason) {
    return cut("CapacityError: Unable to provision requested ML compute capacity. " + reason);
  }

  /** The runtime did not take the instances on. */
  static String notStarted(String reason, boolean retryable) {
    return cut(
        (retryable
                ? "InternalServerError: The instances could not be started: "
                : "ClientError: The instances cannot be started: ")
            + reason);
  }

  private static String ofExit(Phase.Exit exit, String where, List<String> logTail) {
    String memory = exit.outOfMemory() ? ", out of memory" : "";
    if (exit.failure().isPresent() && !exit.failure().get().isBlank()) {
      String suffix = ", exit code: " + exit.code() + memory + where;
      String prefix = "AlgorithmError: ";
      String text = exit.failure().get().strip();
      return prefix + cut(text, MAX_LENGTH - prefix.length() - suffix.length()) + suffix;
    }
    StringBuilder reason =
        new StringBuilder("AlgorithmError: Exit Code: ").append(exit.code()).append(memory);
    reason.append(where);
    // From the last line back: what a program says last explains most.
    int free = MAX_LENGTH - reason.length() - "; last log lines:".length();
    int first = logTail.size();
    while (first > 0 && free > logTail.get(first - 1).length()) {
      first--;
      free -= logTail.get(first).length() + 1;
    }
    if (first < logTail.size()) {
      reason.append("; last log lines:");
      logTail.subList(first, logTail.size()).forEach(line -> reason.append('\n').append(line));
    } else if (!logTail.isEmpty()) {
      reason.append("; last log line:\n").append(cut(logTail.getLast(), free - 1));
    }
    return cut(reason.toString());
  }

  private static String cut(String text) {
    return cut(text, MAX_LENGTH);
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, Math.max(0, length - 1)) + "…";
  }
}
