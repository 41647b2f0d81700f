package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.container.BuiltInImages;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.RuntimeCapabilities;
import dev.mlp.controlplane.container.local.Engine;
import dev.mlp.controlplane.container.local.InstanceProgram;
import dev.mlp.controlplane.container.local.MemberFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Runs every instance as a process tree of this machine, under this process's own user: for code
 * that is trusted. Linux only.
 *
 * <p>Each instance has a folder in place of {@code /opt/ml}, named by {@code SAGEMAKER_BASE_DIR}, a
 * session of its own, a clean environment and, to serve, a port of 127.0.0.1. Its output goes
 * straight to its log file, and a small shell program beside it writes down how it ended: nothing
 * of that needs the control plane, so instances live through its restart.
 *
 * <p>What it does not give: other images than the built-in ones, isolation of any kind, GPUs of its
 * own, host names of the group (members share the machine, and {@code algo-1} does not resolve), a
 * limit on memory, CPU or the log's size; and a process that has left its session <em>and</em>
 * cleaned its environment escapes {@link InstanceProgram#clear}.
 */
public final class ProcessEngine implements Engine {
  private static final String CONTAINER_FOLDER = "/opt/ml";

  private final BuiltInImages images;
  private final Clock clock;
  private final Launcher launcher;
  private final Ports ports = new Ports();

  /**
   * @param folder for the program that starts programs
   */
  public ProcessEngine(Path folder, BuiltInImages images, Clock clock) throws IOException {
    this.images = images;
    this.clock = clock;
    this.launcher = new Launcher(folder);
  }

  @Override
  public String name() {
    return "process";
  }

  @Override
  public String platformHost() {
    return "127.0.0.1";
  }

  @Override
  public RuntimeCapabilities capabilities() {
    return new RuntimeCapabilities(false, false, false);
  }

  @Override
  public void checkImage(String image) throws ContainerRuntimeException {
    if (images.find(image).isEmpty()) {
      throw refused(
          "Image \""
              + image
              + "\" cannot run on the process runtime, which runs the built-in images "
              + images.names()
              + " (or an alias of one); any other image needs Docker");
    }
  }

  @Override
  public void check(InstanceGroupSpec spec) throws ContainerRuntimeException {
    if (spec.networkIsolation()) {
      throw refused(
          "Network isolation is not available on the process runtime, whose instances share the"
              + " machine's network; it needs Docker");
    }
    for (MemberSpec member : spec.members()) {
      checkImage(member.image());
      for (String word :
          Stream.concat(member.entrypoint().stream(), member.arguments().stream()).toList()) {
        if (word.contains(CONTAINER_FOLDER)) {
          throw refused(
              "\""
                  + word
                  + "\": the process runtime has no "
                  + CONTAINER_FOLDER
                  + "; use the folder that SAGEMAKER_BASE_DIR names, or run it on Docker");
        }
      }
    }
  }

  @Override
  public InstanceProgram program(InstanceGroupSpec group, MemberSpec member, MemberFolder folder)
      throws IOException {
    return new ProcessProgram(group.id(), member, folder, images, launcher, ports, clock);
  }

  @Override
  public void clear(GroupId group) {}

  @Override
  public void sweep(Set<GroupId> known) {}

  @Override
  public void close() {}

  private static ContainerRuntimeException refused(String message) {
    return new ContainerRuntimeException(message, false);
  }
}
