package dev.mlp.controlplane.container.docker;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.mlp.controlplane.artifact.ArtifactStore;
import dev.mlp.controlplane.artifact.Collecting;
import dev.mlp.controlplane.artifact.StagingCache;
import dev.mlp.controlplane.container.local.LocalRuntime;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * The machine's Docker engine, for tests; they are skipped where there is none. What they make on
 * it belongs to a server of their own and is removed by {@link #close}; images stay for the next
 * run.
 */
public final class TestEngine implements AutoCloseable {
  /** Busybox with its applets. */
  public static final String IMAGE = "mlp-test-busybox:1";

  /** The same, for user 10001 of group 10001, with a file in /opt/ml/code. */
  static final String USER_IMAGE = "mlp-test-busybox-user:1";

  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final int NETWORK_ATTEMPTS = 25;
  private static final Duration SHORT = Duration.ofMillis(200);

  private final DockerSettings settings;
  private final String server = "test-" + UUID.randomUUID().toString().substring(0, 8);
  private final EngineConnection connection;

  private TestEngine(DockerSettings settings) {
    this.settings = settings;
    this.connection = new EngineConnection(settings.clientConfig(), Clock.systemUTC(), true);
  }

  /** Skips the test where it cannot be. */
  public static TestEngine open() throws IOException {
    return open(DockerSettings.defaults().withPull(DockerSettings.Pull.NEVER));
  }

  /** One at another address. */
  static TestEngine open(DockerSettings settings) throws IOException {
    EngineProbe probe = DockerEngine.probe(settings);
    assumeTrue(
        probe instanceof EngineProbe.Answers, () -> "skipped, no Docker engine answers: " + probe);
    assumeTrue(
        Files.isExecutable(BUSYBOX),
        "skipped, the test's image needs " + BUSYBOX + " (Debian: busybox-static)");
    TestEngine engine = new TestEngine(settings);
    engine.build(IMAGE, "FROM scratch\nADD root /\nLABEL mlp-test=1\n");
    engine.build(
        USER_IMAGE,
        "FROM "
            + IMAGE
            + "\nADD code /opt/ml/code\nUSER 10001:10001\nENV FROM_IMAGE=yes\n"
            + "WORKDIR /opt/ml/code\n");
    return engine;
  }

  /** Its settings: nothing is pulled. */
  DockerSettings settings() {
    return settings;
  }

  public String server() {
    return server;
  }

  /** A runtime on it; {@code test-image} is the test's image. */
  public LocalRuntime runtime(Path root, boolean copyInputs, ArtifactStore store)
      throws IOException {
    return runtime(
        root, copyInputs ? settings.withInputs(DockerSettings.Inputs.COPIED) : settings, store);
  }

  LocalRuntime runtime(Path root, DockerSettings with, ArtifactStore store) throws IOException {
    Clock clock = Clock.systemUTC();
    return LocalRuntime.open(
        root,
        engine(root, with),
        StagingCache.open(store, root.resolveSibling("cache"), 4, 1L << 30, clock),
        new Collecting(store),
        clock);
  }

  DockerEngine engine(Path root, DockerSettings with) throws IOException {
    return DockerEngine.open(root, server, with, builds(), SHORT, Duration.ZERO, Clock.systemUTC());
  }

  private static BuiltInImageBuilds builds() {
    return new BuiltInImageBuilds() {
      @Override
      public Optional<String> tagOf(String image) {
        return image.equals("test-image") ? Optional.of(IMAGE) : Optional.empty();
      }

      @Override
      public void build(String tag, Consumer<String> progress) throws IOException {
        throw new IOException(tag + " was there a moment ago");
      }
    };
  }

  <T> T docker(EngineConnection.Request<T> request) throws IOException {
    return connection.call(request);
  }

  /** The only container of the group's only member. */
  String container(String group, String host) {
    return "mlp-" + server + "-" + group + "-" + host;
  }

  private void build(String tag, String dockerfile) throws IOException {
    connection.stream(docker -> {
      try {
        docker.inspectImageCmd(tag).exec();
      } catch (NotFoundException e) {
        var _ =
            docker
                .buildImageCmd(new ByteArrayInputStream(context(dockerfile)))
                .withTags(Set.of(tag))
                .exec(new BuildImageResultCallback())
                .awaitImageId();
      }
      return true;
    });
  }

  private static byte[] context(String dockerfile) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      add(tar, "Dockerfile", dockerfile.getBytes(StandardCharsets.UTF_8), 0100644);
      add(tar, "code/own.txt", "mine".getBytes(StandardCharsets.UTF_8), 0100644);
      add(tar, "root/bin/busybox", Files.readAllBytes(BUSYBOX), 0100755);
      TarArchiveEntry temporary = new TarArchiveEntry("root/tmp/");
      temporary.setMode(041777);
      tar.putArchiveEntry(temporary);
      tar.closeArchiveEntry();
      for (String applet :
          List.of(
              "sh",
              "cat",
              "chmod",
              "chown",
              "dd",
              "echo",
              "env",
              "grep",
              "head",
              "hostname",
              "httpd",
              "id",
              "kill",
              "ls",
              "mkdir",
              "mknod",
              "mount",
              "nc",
              "nslookup",
              "ping",
              "printf",
              "ps",
              "rm",
              "seq",
              "sleep",
              "stat",
              "su",
              "tail",
              "timeout",
              "touch",
              "tr",
              "wc",
              "wget",
              "yes",
              "awk",
              "test",
              "df",
              "ip")) {
        TarArchiveEntry link = new TarArchiveEntry("root/bin/" + applet, (byte) '2');
        link.setLinkName("busybox");
        tar.putArchiveEntry(link);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static void add(TarArchiveOutputStream tar, String name, byte[] content, int mode)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setMode(mode);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  /** Removes all that has the server's label. */
  @Override
  public void close() throws IOException {
    try (connection) {
      connection.call(docker -> {
        removeAll(docker);
        return true;
      });
    }
  }

  private void removeAll(DockerClient docker) {
    docker
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(Map.of(Labels.SERVER, server))
        .exec()
        .forEach(container -> docker.removeContainerCmd(container.getId()).withForce(true).exec());
    List<String> filter = List.of(Labels.SERVER + "=" + server);
    for (var network : docker.listNetworksCmd().withFilter("label", filter).exec()) {
      removeNetwork(docker, network.getId());
    }
    var volumes = docker.listVolumesCmd().withFilter("label", filter).exec().getVolumes();
    if (volumes != null) {
      volumes.forEach(volume -> docker.removeVolumeCmd(volume.getName()).exec());
    }
  }

  /** It lets go of its containers a little after they are gone. */
  private static void removeNetwork(DockerClient docker, String network) {
    for (int i = 0; i < NETWORK_ATTEMPTS; i++) {
      try {
        docker.removeNetworkCmd(network).exec();
        return;
      } catch (DockerException e) {
        LockSupport.parkNanos(SHORT.toNanos());
      }
    }
    // Engines of version 20.10 miscount their connections now and then, and hold on to the network
    // until they are restarted: nothing that a test could mend.
    System.err.println("the Docker engine does not remove the network " + network);
  }
}
