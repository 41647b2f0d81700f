package dev.mlp.controlplane.container.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Where groups of this program's own can be made on this machine. */
sealed interface CgroupTree {
  /** Below it, in every hierarchy, nothing is but ours. */
  String OURS = "mlp";

  /** Makes an instance's groups, without limits yet; there already is fine. */
  InstanceCgroup create(Path name) throws IOException;

  /** An instance's groups, made or not. */
  InstanceCgroup at(Path name);

  /** The folder of that name in each hierarchy. */
  Collection<Path> folders(Path name);

  /** What it bounds, for people. */
  String describe();

  /**
   * Finds one in which groups can be made now, by making one.
   *
   * @param mounts {@code /proc/self/mountinfo}
   * @param self {@code /proc/self/cgroup}
   * @param root whether this process may do anything
   */
  static CgroupTree find(String mounts, String self, boolean root) {
    Map<String, Path> hierarchies = new LinkedHashMap<>();
    List<Path> unified = new ArrayList<>();
    for (String line : mounts.lines().toList()) {
      // "36 35 98:0 /root /point options [more…] - type source superoptions"
      int dash = line.indexOf(" - ");
      String[] place = line.substring(0, dash).split(" ", -1);
      String[] system = line.substring(dash + 3).split(" ", -1);
      Path point = Path.of(place[4]);
      if (system[0].equals("cgroup")) {
        Set<String> options = Set.of(system[2].split(",", -1));
        InstanceCgroup.V1.CONTROLLERS.stream()
            .filter(options::contains)
            .forEach(controller -> hierarchies.putIfAbsent(controller, point));
      } else if (system[0].equals("cgroup2")) {
        unified.add(point);
      }
    }
    // A controller is in one version only; where there are both, the one with the controllers.
    if (hierarchies.containsKey("memory") || (!hierarchies.isEmpty() && unified.isEmpty())) {
      return V1.find(hierarchies);
    }
    if (!unified.isEmpty()) {
      return V2.find(unified.getFirst(), self, root);
    }
    return new None("this machine has no cgroups mounted");
  }

  /** There is no such place. */
  record None(String reason) implements CgroupTree {
    @Override
    public InstanceCgroup create(Path name) {
      throw new IllegalStateException("there are no cgroups: " + reason);
    }

    @Override
    public InstanceCgroup at(Path name) {
      throw new IllegalStateException("there are no cgroups: " + reason);
    }

    @Override
    public Collection<Path> folders(Path name) {
      return List.of();
    }

    @Override
    public String describe() {
      return "no limits: " + reason;
    }
  }

  /**
   * One hierarchy per controller, or for two together.
   *
   * @param hierarchies where each is mounted, by controller
   */
  record V1(Map<String, Path> hierarchies) implements CgroupTree {
    private static CgroupTree find(Map<String, Path> hierarchies) {
      Map<String, Path> usable = new LinkedHashMap<>();
      String refusal = "";
      for (var hierarchy : hierarchies.entrySet()) {
        Path probe = hierarchy.getValue().resolve(OURS).resolve(".probe");
        try {
          CgroupFiles.create(probe);
          usable.put(hierarchy.getKey(), hierarchy.getValue());
        } catch (IOException e) {
          refusal = "no group can be made in " + hierarchy.getValue() + ": " + reason(e);
        } finally {
          CgroupFiles.removeEmpty(probe);
        }
      }
      return usable.isEmpty() ? new None(refusal) : new V1(usable);
    }

    @Override
    public InstanceCgroup create(Path name) throws IOException {
      for (Path folder : folders(name)) {
        CgroupFiles.create(folder);
      }
      return at(name);
    }

    @Override
    public InstanceCgroup at(Path name) {
      Map<String, Path> named = new LinkedHashMap<>();
      hierarchies.forEach(
          (controller, folder) -> named.put(controller, folder.resolve(OURS).resolve(name)));
      return new InstanceCgroup.V1(named);
    }

    @Override
    public Collection<Path> folders(Path name) {
      return hierarchies.values().stream()
          .map(folder -> folder.resolve(OURS).resolve(name))
          .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public String describe() {
      return limits(hierarchies.keySet()) + " by cgroup v1";
    }
  }

  /**
   * All controllers in one hierarchy.
   *
   * @param parent a group without processes, whose groups have these controllers
   */
  record V2(Path parent, Set<String> controllers) implements CgroupTree {
    private static final List<String> WANTED = List.of("memory", "cpu", "pids");

    /**
     * Groups with controllers can only be made where no process is: at the top of the hierarchy, by
     * root; or beside this process's own group, where that place was delegated to its user.
     */
    private static CgroupTree find(Path mount, String self, boolean root) {
      Path parent = root ? mount : beside(mount, self);
      try {
        Set<String> controllers = new TreeSet<>(words(parent.resolve("cgroup.controllers")));
        controllers.retainAll(WANTED);
        if (controllers.isEmpty()) {
          return new None("the cgroup " + parent + " has none of the controllers " + WANTED);
        }
        V2 tree = new V2(parent, controllers);
        Path probe = Path.of(".probe");
        try {
          tree.create(probe);
        } finally {
          tree.folders(probe).forEach(CgroupFiles::removeEmpty);
        }
        return tree;
      } catch (IOException e) {
        return new None(
            "no group can be made in "
                + parent
                + ": "
                + reason(e)
                + (root ? "" : "; systemd delegates with Delegate=yes and DelegateSubgroup="));
      }
    }

    private static Path beside(Path mount, String self) {
      String own =
          self.lines()
              .filter(line -> line.startsWith("0::/"))
              .map(line -> line.substring("0::/".length()))
              .findFirst()
              .orElse("");
      Path parent = mount.resolve(own).getParent();
      return own.isEmpty() || parent == null ? mount : parent;
    }

    private static List<String> words(Path file) throws IOException {
      return List.of(Files.readString(file).strip().split(" ", -1));
    }

    @Override
    public InstanceCgroup create(Path name) throws IOException {
      enable(parent);
      Path folder = parent.resolve(OURS);
      CgroupFiles.create(folder);
      for (Path part : name) {
        enable(folder);
        folder = folder.resolve(part);
        CgroupFiles.create(folder);
      }
      return at(name);
    }

    /** What groups inside this one can be bounded by. */
    private void enable(Path folder) throws IOException {
      Path file = folder.resolve("cgroup.subtree_control");
      if (!Files.exists(file) || !words(file).containsAll(controllers)) {
        CgroupFiles.write(
            file, controllers.stream().map(name -> "+" + name).collect(Collectors.joining(" ")));
      }
    }

    @Override
    public InstanceCgroup at(Path name) {
      return new InstanceCgroup.V2(parent.resolve(OURS).resolve(name));
    }

    @Override
    public Collection<Path> folders(Path name) {
      return List.of(parent.resolve(OURS).resolve(name));
    }

    @Override
    public String describe() {
      return limits(controllers) + " by cgroup v2";
    }
  }

  private static String limits(Set<String> controllers) {
    List<String> kinds = new ArrayList<>();
    if (controllers.contains("memory")) {
      kinds.add("memory");
    }
    if (controllers.contains("cpu")) {
      kinds.add("CPU");
    }
    if (controllers.contains("pids")) {
      kinds.add("process");
    }
    String last = kinds.isEmpty() ? "no" : kinds.removeLast();
    return (kinds.isEmpty() ? last : String.join(", ", kinds) + " and " + last) + " limits";
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName() + " " + e.getMessage();
  }
}
