package dev.mlp.controlplane.container.docker.image;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The command's way to the engine that {@code DOCKER_HOST} names, or this machine's. */
final class EngineConnection {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  private EngineConnection() {}

  /**
   * An engine that answers.
   *
   * @throws IOException saying in one line what to do: there is none, it may not be used, or it
   *     does not answer
   */
  static DockerClient open(Map<String, String> environment) throws IOException {
    DefaultDockerClientConfig.Builder settings =
        DefaultDockerClientConfig.createDefaultConfigBuilder();
    String rootless = environment.getOrDefault("XDG_RUNTIME_DIR", "/nonexistent") + "/docker.sock";
    String named = environment.getOrDefault("DOCKER_HOST", "");
    if (!named.isEmpty()) {
      settings.withDockerHost(named);
    } else if (!Files.exists(Path.of("/var/run/docker.sock")) && Files.exists(Path.of(rootless))) {
      settings.withDockerHost("unix://" + rootless);
    }
    DefaultDockerClientConfig config = settings.build();
    DockerClient client =
        DockerClientImpl.getInstance(
            config,
            new ZerodepDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .sslConfig(config.getSSLConfig())
                .connectionTimeout(CONNECT)
                .build());
    try {
      client.pingCmd().exec();
      return client;
    } catch (RuntimeException e) {
      client.close();
      throw new IOException(trouble(config.getDockerHost(), e), e);
    }
  }

  private static String trouble(URI host, RuntimeException failure) {
    @Nullable Path socket = "unix".equals(host.getScheme()) ? Path.of(host.getPath()) : null;
    if (socket != null && !Files.exists(socket)) {
      return "no Docker engine: there is no "
          + socket
          + ". Install and start one (Debian: apt-get install docker.io), or set DOCKER_HOST";
    }
    if (socket != null && !(Files.isReadable(socket) && Files.isWritable(socket))) {
      return "you may not use the Docker engine at "
          + socket
          + ": join its group (sudo usermod -aG docker "
          + System.getProperty("user.name")
          + ") and log in again, or run this with sudo";
    }
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return "the Docker engine at "
        + host
        + " does not answer ("
        + cause.getMessage()
        + "). Start it (systemctl start docker), or set DOCKER_HOST";
  }
}
