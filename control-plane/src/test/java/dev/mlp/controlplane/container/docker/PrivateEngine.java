package dev.mlp.controlplane.container.docker;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An engine of a test's own, which it may stop, kill and start; only root can run one. */
final class PrivateEngine implements AutoCloseable {
  private static final int STARTS = 3;
  private final Path folder;
  private final List<String> options;
  private @Nullable Process process;

  /** Skips the test where there can be none. */
  PrivateEngine(Path folder, String... options) throws Exception {
    boolean installed =
        List.of("/usr/bin/dockerd", "/usr/sbin/dockerd").stream()
            .anyMatch(path -> Files.isExecutable(Path.of(path)));
    boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    assumeTrue(installed && root, "skipped, it needs root and dockerd");
    this.folder = folder;
    this.options = List.of(options);
    start();
  }

  DockerSettings settings() {
    return DockerSettings.defaults()
        .withPull(DockerSettings.Pull.NEVER)
        .withHost("unix://" + folder.resolve("engine.sock"));
  }

  void start() throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "dockerd",
                "--host=unix://" + folder.resolve("engine.sock"),
                "--data-root=" + folder.resolve("data"),
                "--exec-root=" + folder.resolve("exec"),
                "--pidfile=" + folder.resolve("pid"),
                // Nothing of the machine's network is changed but for bridges of its own.
                "--bridge=none",
                "--iptables=false",
                "--ip-forward=false",
                "--ip-masq=false"));
    command.addAll(options);
    // After a kill, its containerd is often not ready in time for the first.
    for (int i = 0; i < STARTS; i++) {
      Process started =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(folder.resolve("engine.log").toFile()))
              .start();
      process = started;
      EngineProbe probe =
          eventually(
              () -> DockerEngine.probe(settings()),
              seen -> seen instanceof EngineProbe.Answers || !started.isAlive());
      if (probe instanceof EngineProbe.Answers) {
        return;
      }
    }
    throw new IOException("the test's engine does not start: see " + folder);
  }

  /** As an upgrade of its package does it. */
  void stop() throws InterruptedException, IOException {
    if (process != null) {
      process.destroy();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        throw new IOException("the test's engine does not end");
      }
    }
  }

  void kill() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly();
      process.waitFor();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      stop();
      // It leaves some when containers were to live on.
      for (String line : Files.readAllLines(Path.of("/proc/self/mounts")).reversed()) {
        String mount = line.split(" ", 3)[1];
        if (mount.startsWith(folder.toString())) {
          var _ = new ProcessBuilder("umount", "-l", mount).inheritIO().start().waitFor();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
