package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control groups of one runtime's instances. Their names follow from the runtime's folder, the
 * group and the host, such as {@code /sys/fs/cgroup/memory/mlp/0a1b2c3d4e5f/job-1.algo-1}, so that
 * they are found again after a restart of the control plane.
 */
final class Cgroups implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Cgroups.class);
  private static final int HASH_CHARACTERS = 12;

  /** How long a group has to be nobody's: one that was just made may not be known yet. */
  private static final Duration SWEEP_AFTER = Duration.ofMinutes(1);

  private final CgroupTree tree;
  private final Path ours;
  private final int maxProcesses;
  private final Clock clock;
  private final Object sweeping = new Object();
  private final Map<String, Instant> unknownSince = new HashMap<>();

  /**
   * @param folder the runtime's
   * @param maxProcesses of each instance, threads too
   */
  Cgroups(CgroupTree tree, Path folder, int maxProcesses, Clock clock) {
    this.tree = tree;
    this.ours = Path.of(hash(folder));
    this.maxProcesses = maxProcesses;
    this.clock = clock;
  }

  /** Those of this machine, as far as this process may use them. */
  static Cgroups open(Path folder, int maxProcesses, Clock clock) throws IOException {
    CgroupTree tree =
        CgroupTree.find(
            Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1),
            Files.readString(Path.of("/proc/self/cgroup"), StandardCharsets.ISO_8859_1),
            Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0));
    return new Cgroups(tree, folder, maxProcesses, clock);
  }

  /** For people: what is bounded by what, or why nothing is. */
  String limits() {
    return tree.describe();
  }

  /** Makes the instance's groups with their limits, or finds them; empty where there are none. */
  Optional<InstanceCgroup> create(GroupId group, String host, Resources resources)
      throws IOException {
    if (tree instanceof CgroupTree.None) {
      return Optional.empty();
    }
    InstanceCgroup cgroup = tree.create(ours.resolve(group + "." + host));
    cgroup.limit(resources, maxProcesses);
    return Optional.of(cgroup);
  }

  /** Kills and removes what is left of groups that have not been known for a while. */
  void sweep(Set<GroupId> known) throws IOException, InterruptedException {
    Set<String> unknown = new HashSet<>();
    for (Path folder : tree.folders(ours)) {
      for (Path instance : CgroupFiles.inside(folder)) {
        String name = String.valueOf(instance.getFileName());
        int dot = name.indexOf('.'); // A group's name has none.
        if (dot > 0 && known.stream().noneMatch(id -> id.value().equals(name.substring(0, dot)))) {
          unknown.add(name);
        }
      }
    }
    Instant now = clock.instant();
    Set<String> old = new HashSet<>();
    synchronized (sweeping) {
      unknownSince.keySet().retainAll(unknown);
      unknown.forEach(name -> unknownSince.putIfAbsent(name, now));
      unknownSince.forEach((name, since) -> {
        if (!since.plus(SWEEP_AFTER).isAfter(now)) {
          old.add(name);
        }
      });
    }
    for (String name : old) {
      InstanceCgroup cgroup = tree.at(ours.resolve(name));
      logger.info("removing {}, which belongs to no group", cgroup.folders());
      if (!new InstanceProcesses(List.of(), Optional.of(cgroup)).kill(Optional.empty(), false)
          || !CgroupFiles.remove(cgroup.folders())) {
        logger.warn("{} cannot be removed", cgroup.folders());
      }
    }
  }

  /** Leaves what has instances in it. */
  @Override
  public void close() {
    for (Path folder : tree.folders(ours)) {
      Path all = folder.getParent();
      if (CgroupFiles.removeEmpty(folder) && all != null) {
        CgroupFiles.removeEmpty(all);
      }
    }
  }

  private static String hash(Path folder) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(folder.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HASH_CHARACTERS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
