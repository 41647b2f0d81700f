package dev.mlp.controlplane.container.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.artifact.Folders;
import dev.mlp.controlplane.container.Resources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which control groups are used, and how: on trees of plain files in the kernel's stead. */
final class CgroupTreeTest {
  private static final Path NAME = Path.of("0a1b2c", "job.algo-1");

  @TempDir Path folder;

  @Test
  void version2AtItsTopForRoot() throws Exception {
    unified("cpuset cpu io memory pids", "cpu");
    CgroupTree tree = CgroupTree.find(unifiedMount(), "0::/system.slice/mlp.service\n", true);
    assertThat(tree.describe()).isEqualTo("memory, CPU and process limits by cgroup v2");
    InstanceCgroup cgroup = tree.create(NAME);
    assertThat(cgroup.folders()).containsExactly(folder.resolve("mlp/0a1b2c/job.algo-1"));
    assertThat(folder.resolve("cgroup.subtree_control")).hasContent("+cpu +memory +pids");
    assertThat(folder.resolve("mlp/cgroup.subtree_control")).hasContent("+cpu +memory +pids");
    assertThat(folder.resolve("mlp/0a1b2c/cgroup.subtree_control"))
        .hasContent("+cpu +memory +pids");
    assertThat(folder.resolve("mlp/0a1b2c/job.algo-1/cgroup.subtree_control")).doesNotExist();
  }

  @Test
  void version2InADelegatedPlaceForOthers() throws Exception {
    Path unit = Files.createDirectories(folder.resolve("user.slice/mlp.service/control"));
    Files.writeString(unit.resolveSibling("cgroup.controllers"), "memory pids\n");
    Files.writeString(unit.resolveSibling("cgroup.subtree_control"), "memory pids\n");
    CgroupTree tree =
        CgroupTree.find(unifiedMount(), "0::/user.slice/mlp.service/control\n", false);
    assertThat(tree.describe()).isEqualTo("memory and process limits by cgroup v2");
    assertThat(tree.create(NAME).folders())
        .containsExactly(folder.resolve("user.slice/mlp.service/mlp/0a1b2c/job.algo-1"));
    assertThat(unit.resolveSibling("cgroup.subtree_control")).hasContent("memory pids");
  }

  @Test
  void saysWhyThereAreNoLimits() throws Exception {
    assertThat(CgroupTree.find("", "", true).describe())
        .isEqualTo("no limits: this machine has no cgroups mounted");
    unified("io", "");
    assertThat(CgroupTree.find(unifiedMount(), "0::/\n", true).describe())
        .startsWith("no limits: the cgroup " + folder + " has none of the controllers");
    Files.writeString(folder.resolve("cgroup.controllers"), "memory\n");
    Files.createFile(folder.resolve("mlp")); // Nothing can be made below it.
    assertThat(CgroupTree.find(unifiedMount(), "0::/\n", true).describe())
        .startsWith("no limits: no group can be made in " + folder);
  }

  @Test
  void version1WhereItHasTheControllersThoughVersion2IsThereToo() throws Exception {
    String mounts =
        mount(folder.resolve("unified"), "cgroup2", "rw")
            + mount(folder.resolve("memory"), "cgroup", "rw,memory")
            + mount(folder.resolve("cpu,cpuacct"), "cgroup", "rw,cpu,cpuacct")
            + mount(folder.resolve("freezer"), "cgroup", "rw,freezer");
    CgroupTree tree = CgroupTree.find(mounts, "4:memory:/\n0::/\n", true);
    assertThat(tree.describe()).isEqualTo("memory and CPU limits by cgroup v1");
    InstanceCgroup cgroup = tree.create(NAME);
    assertThat(cgroup.folders())
        .containsExactlyInAnyOrder(
            folder.resolve("memory/mlp/0a1b2c/job.algo-1"),
            folder.resolve("cpu,cpuacct/mlp/0a1b2c/job.algo-1"))
        .allMatch(Files::isDirectory);
    assertThat(InstanceCgroup.parse(cgroup.toText()).named()).isEqualTo(cgroup.named());
  }

  @Test
  void writesTheLimitsOfVersion2() throws Exception {
    InstanceCgroup cgroup = instance("memory.max", "memory.swap.max", "cpu.weight", "pids.max");
    cgroup.limit(Resources.of(512, 2), 100);
    assertThat(file("memory.max")).hasContent("536870912");
    assertThat(file("memory.swap.max")).hasContent("0");
    assertThat(file("cpu.weight")).hasContent("200");
    assertThat(file("cpu.max")).doesNotExist();
    assertThat(file("pids.max")).hasContent("100");
    cgroup.limit(new Resources(512, 192, true, List.of(), OptionalLong.empty()), 100);
    assertThat(file("cpu.weight")).hasContent("10000");
    assertThat(file("cpu.max")).hasContent("19200000 100000");
    cgroup.forbidNewProcesses();
    assertThat(file("pids.max")).hasContent("0");
  }

  @Test
  void readsTheFiguresOfVersion2() throws Exception {
    InstanceCgroup cgroup = instance("cgroup.procs");
    assertThat(cgroup.ranOutOfMemory()).isFalse();
    assertThat(cgroup.memoryBytes()).isEmpty();
    assertThat(cgroup.cpuNanos()).isEmpty();
    Files.writeString(file("memory.events"), "low 0\nmax 7\noom 1\noom_kill 0\noom_group_kill 0\n");
    assertThat(cgroup.ranOutOfMemory()).isFalse();
    Files.writeString(file("memory.events"), "low 0\nmax 7\noom 1\noom_kill 1\noom_group_kill 0\n");
    assertThat(cgroup.ranOutOfMemory()).isTrue();
    Files.writeString(file("memory.current"), "5000\n");
    Files.writeString(file("memory.stat"), "anon 100\ninactive_file 2000\n");
    assertThat(cgroup.memoryBytes()).hasValue(3000);
    Files.writeString(file("memory.max"), "max\n");
    assertThat(cgroup.memoryLimitBytes()).isEmpty();
    Files.writeString(file("cpu.stat"), "usage_usec 1500\nuser_usec 1000\n");
    assertThat(cgroup.cpuNanos()).hasValue(1_500_000);
    Files.writeString(file("cgroup.procs"), "12\n13\n");
    Files.writeString(Files.createDirectories(file("inner")).resolve("cgroup.procs"), "14\n");
    assertThat(cgroup.processes()).containsExactlyInAnyOrder(12L, 13L, 14L);
  }

  @Test
  void aGroupThatIsGoneHasNothingToTell() throws Exception {
    InstanceCgroup cgroup = instance("cgroup.procs");
    Folders.delete(folder.resolve("mlp"));
    assertThat(cgroup.processes()).isEmpty();
    assertThat(cgroup.ranOutOfMemory()).isFalse();
    cgroup.forbidNewProcesses();
    assertThat(CgroupFiles.remove(cgroup.folders())).isTrue();
  }

  @Test
  void removesGroupsInsideItFirst() throws Exception {
    InstanceCgroup cgroup = instance();
    Files.createDirectories(file("inner/most"));
    assertThat(CgroupFiles.remove(cgroup.folders())).isTrue();
    assertThat(file("")).doesNotExist();
  }

  private InstanceCgroup instance(String... files) throws Exception {
    unified("memory cpu pids", "memory cpu pids");
    InstanceCgroup cgroup = CgroupTree.find(unifiedMount(), "0::/\n", true).create(NAME);
    for (String file : files) {
      Files.writeString(file(file), "");
    }
    return cgroup;
  }

  private Path file(String name) {
    return folder.resolve("mlp/0a1b2c/job.algo-1").resolve(name);
  }

  private void unified(String controllers, String enabled) throws Exception {
    Files.writeString(folder.resolve("cgroup.controllers"), controllers + "\n");
    Files.writeString(folder.resolve("cgroup.subtree_control"), enabled + "\n");
  }

  private String unifiedMount() {
    return mount(folder, "cgroup2", "rw,nsdelegate");
  }

  private static String mount(Path point, String type, String options) {
    return "36 35 0:30 / %s rw,nosuid shared:9 - %s cgroup %s\n".formatted(point, type, options);
  }
}
