package dev.mlp.controlplane.capacity;

import dev.mlp.controlplane.capacity.Capacity.Answer.Granted;
import dev.mlp.controlplane.container.Resources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** What becomes of an instance type on this machine. */
public sealed interface InstanceSize {
  /** Not here. {@code reason} is for people: what is missing, and how much of it there is. */
  record Refused(String reason) implements InstanceSize {}

  /**
   * What each instance gets.
   *
   * @param type as it was asked for
   * @param instances of one group
   * @param memoryMebibytes of each
   * @param gpus of each
   * @param strictCpu its vCPUs are a quota and not a weight
   */
  record Given(InstanceType type, int instances, long memoryMebibytes, int gpus, boolean strictCpu)
      implements InstanceSize {
    /**
     * To be reserved.
     *
     * @param longest how long at most, from the grant to the release; empty for no bound
     */
    public Demand demand(Optional<Duration> longest) {
      return new Demand(instances, memoryMebibytes, gpus, longest);
    }

    /** As it was granted: before the machine became another, perhaps. */
    public Given as(Granted granted) {
      return new Given(
          type,
          instances,
          granted.memoryMebibytes(),
          granted.gpus().stream().mapToInt(List::size).max().orElse(0),
          strictCpu);
    }

    /** For the runtime: one for each instance, with GPUs of its own. */
    public List<Resources> resources(Granted granted, OptionalLong volumeBytes) {
      return granted.gpus().stream()
          .map(ids ->
              new Resources(granted.memoryMebibytes(), type.vcpus(), strictCpu, ids, volumeBytes))
          .toList();
    }

    /** What differs from the type, to be put behind a sentence; empty where nothing does. */
    public String note() {
      List<String> notes = new ArrayList<>();
      if (memoryMebibytes < type.memoryMebibytes()) {
        notes.add(
            String.format(
                Locale.ROOT,
                "%,d MiB instead of %,d MiB",
                memoryMebibytes,
                type.memoryMebibytes()));
      }
      if (gpus == 0 && type.gpus() > 0) {
        notes.add("without its " + (type.gpus() == 1 ? "GPU" : type.gpus() + " GPUs"));
      } else if (gpus < type.gpus()) {
        notes.add("with " + (gpus == 1 ? "1 GPU" : gpus + " GPUs") + " instead of " + type.gpus());
      }
      return notes.isEmpty()
          ? ""
          : " (" + type.name() + " fitted to this machine: " + String.join(", ", notes) + ")";
    }
  }
}
