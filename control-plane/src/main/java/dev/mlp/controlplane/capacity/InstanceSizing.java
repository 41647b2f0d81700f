package dev.mlp.controlplane.capacity;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Makes of the instance types that are asked for what this machine has. Pure. */
public final class InstanceSizing {
  private final InstanceCatalogue catalogue;
  private final Machine machine;
  private final InstanceTypes types;
  private final CpuMode cpu;

  public InstanceSizing(
      InstanceCatalogue catalogue, Machine machine, InstanceTypes types, CpuMode cpu) {
    this.catalogue = catalogue;
    this.machine = machine;
    this.types = types;
    this.cpu = cpu;
  }

  /** A number of instances of one type. */
  public record Wanted(String type, int instances) {}

  /** Whether the catalogue has a type of this name. */
  public boolean knows(String type) {
    return catalogue.has(type);
  }

  /**
   * What instances of one type get, side by side: fitted, each is given its even share of what the
   * type would exceed, and keeps its vCPUs as a weight.
   *
   * @param instances that run at the same time
   */
  public InstanceSize size(String type, int instances) {
    return size(type, instances, instances);
  }

  /**
   * What a group of instances of one type gets that leaves room for others beside it.
   *
   * @param group instances of the group
   * @param together of the group and of all that is to run beside it, where each is as large
   */
  public InstanceSize size(String type, int group, int together) {
    Optional<InstanceType> found = catalogue.find(type);
    if (found.isEmpty()) {
      return new InstanceSize.Refused(
          "instance type '" + type + "' is not known: expected one such as ml.m5.large, or local");
    }
    Optional<String> missing = missing(List.of(new Wanted(type, group)));
    if (missing.isPresent()) {
      return new InstanceSize.Refused(missing.get());
    }
    InstanceType wanted = found.get();
    int shares = types == InstanceTypes.STRICT ? group : Math.max(group, together);
    return new InstanceSize.Given(
        wanted,
        group,
        Math.min(wanted.memoryMebibytes(), Math.max(1, machine.memoryMebibytes() / shares)),
        Math.min(wanted.gpus(), machine.gpus().size() / shares),
        cpu == CpuMode.STRICT);
  }

  /**
   * In strict mode, what the machine lacks for all of these together, by name; empty where it has
   * it, and where types are fitted. Types that the catalogue does not know are left out.
   */
  public Optional<String> missing(List<Wanted> wanted) {
    if (types == InstanceTypes.FIT) {
      return Optional.empty();
    }
    long memory = 0;
    long vcpus = 0;
    long gpus = 0;
    for (Wanted one : wanted) {
      Optional<InstanceType> type = catalogue.find(one.type());
      if (type.isPresent()) {
        memory += one.instances() * type.get().memoryMebibytes();
        vcpus += (long) one.instances() * type.get().vcpus();
        gpus += (long) one.instances() * type.get().gpus();
      }
    }
    List<String> lacks = new ArrayList<>();
    if (memory > machine.memoryMebibytes()) {
      lacks.add(
          String.format(
              Locale.ROOT,
              "memory: asked %,d MiB, it has %,d MiB for instances",
              memory,
              machine.memoryMebibytes()));
    }
    if (vcpus > machine.vcpus()) {
      lacks.add("vCPUs: asked " + vcpus + ", it has " + machine.vcpus());
    }
    if (gpus > machine.gpus().size()) {
      lacks.add("GPUs: asked " + gpus + ", it has " + machine.gpus().size() + " for instances");
    }
    return lacks.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "This machine is too small for "
                + names(wanted)
                + ": "
                + String.join("; ", lacks)
                + ". Larger types are refused here and not fitted (--instance-types strict).");
  }

  private static String names(List<Wanted> wanted) {
    return String.join(
        " and ",
        wanted.stream()
            .map(one -> one.instances() == 1 ? one.type() : one.instances() + " × " + one.type())
            .toList());
  }
}
