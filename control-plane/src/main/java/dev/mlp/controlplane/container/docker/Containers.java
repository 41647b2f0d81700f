package dev.mlp.controlplane.container.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.DeviceRequest;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.RestartPolicy;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Resources;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes containers: what an instance may, has and sees. */
final class Containers {
  private static final Logger logger = LoggerFactory.getLogger(Containers.class);
  private static final long MEBIBYTE = 1 << 20;
  private static final int SHARES_PER_CPU = 1024;
  private static final int MOST_SHARES = 262_144;
  private static final long NANOS_PER_CPU = 1_000_000_000;

  /** What installing packages, changing owners and giving up root take, and no more. */
  private static final Capability[] FOR_ROOT = {
    Capability.CHOWN,
    Capability.DAC_OVERRIDE,
    Capability.FOWNER,
    Capability.FSETID,
    Capability.SETGID,
    Capability.SETUID,
    Capability.KILL,
    Capability.NET_BIND_SERVICE
  };

  /**
   * The engine's own format keeps every byte, where JSON would replace those that are no text; the
   * options keep it from throwing away what has not been read yet.
   */
  private static final Map<String, String> LOG_OPTIONS =
      Map.of("max-size", "1000000g", "max-file", "1", "compress", "false");

  private final EngineConnection connection;
  private final DockerSettings settings;
  private final Labels labels;
  private final Clock clock;

  Containers(EngineConnection connection, DockerSettings settings, Labels labels, Clock clock) {
    this.connection = connection;
    this.settings = settings;
    this.labels = labels;
    this.clock = clock;
  }

  /** The container as it is; empty when there is none. */
  Optional<InspectContainerResponse> find(String name) throws IOException {
    return find(name, false);
  }

  /**
   * @param size also its size, which takes longer
   */
  Optional<InspectContainerResponse> find(String name, boolean size) throws IOException {
    try {
      return Optional.of(
          connection.call(docker -> docker.inspectContainerCmd(name).withSize(size).exec()));
    } catch (EngineException e) {
      if (e.notFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Makes a container that is not started yet. */
  void create(
      InstanceGroupSpec group,
      MemberSpec member,
      Images.Image image,
      Networks.Connection network,
      List<Mount> mounts,
      EngineFacts facts)
      throws IOException {
    String name = labels.container(group.id(), member.hostName());
    connection.call(docker -> {
      CreateContainerCmd command =
          docker
              .createContainerCmd(image.name())
              .withName(name)
              .withHostName(member.hostName())
              .withLabels(labels.ofMember(group, member.hostName(), clock.instant()))
              .withEnv(environment(member, facts))
              .withHostConfig(hostConfig(member, image, network, mounts, facts));
      if (!member.entrypoint().isEmpty()) {
        command.withEntrypoint(member.entrypoint());
      }
      if (!member.arguments().isEmpty()) {
        command.withCmd(member.arguments());
      }
      if (!network.aliases().isEmpty()) {
        command.withAliases(network.aliases());
      }
      member.servingPort().ifPresent(port -> command.withExposedPorts(ExposedPort.tcp(port)));
      return command.exec();
    });
  }

  private static List<String> environment(MemberSpec member, EngineFacts facts) {
    Map<String, String> variables = new LinkedHashMap<>(member.environment());
    member
        .servingPort()
        .ifPresent(port -> {
          variables.put("SAGEMAKER_BIND_TO_PORT", Integer.toString(port));
          variables.putIfAbsent("SAGEMAKER_SAFE_PORT_RANGE", "21000-22000");
        });
    List<String> gpus = member.resources().gpus();
    if (!gpus.isEmpty()) {
      variables.put("NVIDIA_VISIBLE_DEVICES", String.join(",", gpus));
    } else if (facts.gpus()) {
      // Images ask for all of them, and get them where NVIDIA's runtime is the default.
      variables.put("NVIDIA_VISIBLE_DEVICES", "void");
    }
    List<String> environment = new ArrayList<>();
    variables.forEach((name, value) -> environment.add(name + "=" + value));
    return environment;
  }

  private HostConfig hostConfig(
      MemberSpec member,
      Images.Image image,
      Networks.Connection network,
      List<Mount> mounts,
      EngineFacts facts) {
    Resources resources = member.resources();
    long memory = resources.memoryMebibytes() * MEBIBYTE;
    HostConfig config =
        HostConfig.newHostConfig()
            .withInit(settings.init())
            .withMemory(memory)
            .withMemorySwap(memory)
            .withShmSize(memory / 2)
            .withCpuShares(Math.clamp((long) resources.vcpus() * SHARES_PER_CPU, 2, MOST_SHARES))
            .withPidsLimit(settings.pidsLimit())
            .withSecurityOpts(List.of("no-new-privileges"))
            .withCapDrop(Capability.ALL)
            .withLogConfig(new LogConfig(LogConfig.LoggingType.LOCAL, LOG_OPTIONS))
            .withRestartPolicy(RestartPolicy.noRestart())
            .withNetworkMode(network.mode())
            .withDns(network.dns())
            .withMounts(mounts);
    if (image.isRoot()) {
      config.withCapAdd(FOR_ROOT);
    }
    if (!network.extraHosts().isEmpty()) {
      config.withExtraHosts(network.extraHosts().toArray(String[]::new));
    }
    if (resources.strictCpu()) {
      config.withNanoCPUs(Math.min(resources.vcpus(), facts.cpus()) * NANOS_PER_CPU);
    }
    if (!resources.gpus().isEmpty()) {
      config.withDeviceRequests(
          List.of(
              new DeviceRequest()
                  .withCapabilities(List.of(List.of("gpu")))
                  .withDeviceIds(resources.gpus())));
    }
    if (network.published() && member.servingPort().isPresent()) {
      config.withPortBindings(
          new PortBinding(
              Ports.Binding.bindIp(publishAddress()),
              ExposedPort.tcp(member.servingPort().getAsInt())));
    }
    return config;
  }

  private String publishAddress() {
    return settings.publishAddress().orElse("127.0.0.1");
  }

  /** Where a running container's serving port is reached. */
  Optional<String> address(MemberSpec member, InspectContainerResponse container) {
    if (member.servingPort().isEmpty()) {
      return Optional.empty();
    }
    int port = member.servingPort().getAsInt();
    Ports published = container.getNetworkSettings().getPorts();
    Ports.Binding[] bindings =
        published == null ? null : published.getBindings().get(ExposedPort.tcp(port));
    if (bindings != null) {
      for (Ports.Binding binding : bindings) {
        return Optional.of(publishAddress() + ":" + binding.getHostPortSpec());
      }
    }
    return container.getNetworkSettings().getNetworks().values().stream()
        .map(network -> network.getIpAddress())
        .filter(address -> address != null && !address.isEmpty())
        .findFirst()
        .map(address -> address + ":" + port);
  }

  /**
   * Kills and removes it with its anonymous volumes.
   *
   * @return whether it is gone; otherwise the engine is about to remove it
   */
  boolean remove(String name) throws IOException {
    try {
      connection.call(
          docker -> docker.removeContainerCmd(name).withForce(true).withRemoveVolumes(true).exec());
      return true;
    } catch (EngineException e) {
      if (e.notFound()) {
        return true;
      }
      if (e.status() == EngineException.CONFLICT) {
        return false;
      }
      throw e;
    }
  }

  /** Sends a signal; nothing happens when it does not run. */
  void signal(String name, String signal) throws IOException {
    unlessEnded(name, docker -> docker.killContainerCmd(name).withSignal(signal).exec());
  }

  /** Lets a paused one go on. */
  void unpause(String name) throws IOException {
    unlessEnded(name, docker -> docker.unpauseContainerCmd(name).exec());
  }

  private void unlessEnded(String name, EngineConnection.Request<Void> request) throws IOException {
    try {
      connection.call(request);
    } catch (EngineException e) {
      // It has mostly just ended, or was removed: whoever looks next will see, or ask again.
      logger.debug("{}: {}", name, e.getMessage());
    }
  }

  /** How many processes a running container has; 0 when it has none any more. */
  int processes(String name) throws IOException {
    try {
      String[][] found =
          connection.call(docker -> docker.topContainerCmd(name).exec()).getProcesses();
      return found == null ? 0 : found.length;
    } catch (EngineException e) {
      logger.debug("{}: {}", name, e.getMessage());
      return 0;
    }
  }
}
