package dev.mlp.controlplane.training;

import dev.mlp.controlplane.container.Resources;
import java.util.List;

/** Whether a job's instances may start, and what they get. */
sealed interface Placement {
  /**
   * They may.
   *
   * @param resources of each host, in their order
   * @param note what the instances are, where that differs from the request, to be put behind a
   *     sentence; may be empty
   */
  record Granted(List<Resources> resources, String note) implements Placement {
    public Granted {
      resources = List.copyOf(resources);
    }
  }

  /** Not yet, and why. */
  record Waiting(String reason) implements Placement {}

  /** Never, as the machine and its configuration are now. */
  record Refused(String reason) implements Placement {}
}
