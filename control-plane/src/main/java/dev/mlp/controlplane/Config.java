package dev.mlp.controlplane;

import dev.mlp.controlplane.capacity.CpuMode;
import dev.mlp.controlplane.capacity.InstanceType;
import dev.mlp.controlplane.capacity.InstanceTypes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Everything that can be set, from the command line and from {@code mlp.yaml} in the data
 * directory.
 *
 * @param home the installation: where the built-in images' programs lie
 * @param dataDirectory all that the server keeps
 * @param cacheDirectory what can be made again, shared by all data directories of a user
 * @param host the address to listen on
 * @param port 0 takes a free one
 * @param runtime which runtime starts instances
 * @param region of the first account
 * @param memoryMebibytes what instances may reserve in all; empty: the machine's, less a share for
 *     the server
 * @param instances how instances are bounded
 * @param docker how the Docker engine is used, where it is
 * @param temporary nothing of this server is to be kept: what runs is removed when it stops
 * @param imageAliases built-in image → glob patterns of further names for it
 * @param objectStore an S3 of the user's own instead of the embedded one
 * @param recordAotCaches instances write AOT caches when they end; a step of the build
 */
public record Config(
    Path home,
    Path dataDirectory,
    Path cacheDirectory,
    String host,
    int port,
    RuntimeChoice runtime,
    String region,
    OptionalLong memoryMebibytes,
    Instances instances,
    Docker docker,
    boolean temporary,
    Map<String, List<String>> imageAliases,
    Optional<ObjectStore> objectStore,
    boolean recordAotCaches) {
  /** Which runtime starts instances. */
  public enum RuntimeChoice {
    /** The best that is there. */
    AUTO,
    /** A process per instance. */
    PROCESS,
    /** A Docker container per instance. */
    DOCKER
  }

  /**
   * How instances are bounded.
   *
   * @param types whether a type larger than the machine is fitted to it
   * @param cpu what an instance's vCPUs mean
   * @param extraTypes types beside the catalogue's, by name; they win over it
   * @param pids how many processes and threads one instance may have
   * @param stagingCacheGibibytes what copies of inputs may take that nobody uses any more; empty: a
   *     share of the disk
   */
  public record Instances(
      InstanceTypes types,
      CpuMode cpu,
      Map<String, InstanceType> extraTypes,
      int pids,
      OptionalLong stagingCacheGibibytes) {
    public Instances {
      extraTypes = Map.copyOf(extraTypes);
      if (pids < 16) {
        throw new IllegalArgumentException("pids-limit " + pids + ": expected at least 16");
      }
    }
  }

  /**
   * How the Docker engine is used.
   *
   * @param host its address, such as {@code tcp://10.0.0.5:2376}; empty: {@code DOCKER_HOST}, else
   *     the local socket
   * @param pull images that are not there are pulled; otherwise only those that are there run
   * @param copyInputs inputs are copied into containers, never mounted
   * @param platformHost this machine's address as containers see it; empty: the bridge's
   * @param publishAddress where serving ports of an engine on another machine are published and
   *     reached
   * @param init whether containers get an init as their first process
   * @param registries credentials by registry, such as {@code registry.example.org:5000}
   */
  public record Docker(
      Optional<String> host,
      boolean pull,
      boolean copyInputs,
      Optional<String> platformHost,
      Optional<String> publishAddress,
      boolean init,
      Map<String, Registry> registries) {
    /** Who pulls. */
    public record Registry(String username, String password) {
      @Override
      public String toString() {
        return "Registry[username=" + username + ", password=***]";
      }
    }

    public Docker {
      registries = Map.copyOf(registries);
    }
  }

  /** An S3 of the user's own. */
  public record ObjectStore(
      String endpoint, String region, String accessKeyId, String secretAccessKey) {
    @Override
    public String toString() {
      return "ObjectStore[endpoint=%s, region=%s, accessKeyId=%s, secretAccessKey=***]"
          .formatted(endpoint, region, accessKeyId);
    }
  }

  public Config {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + ": expected 0 to 65535");
    }
    imageAliases = Map.copyOf(imageAliases);
  }
}
