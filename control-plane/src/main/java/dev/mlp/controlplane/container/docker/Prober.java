package dev.mlp.controlplane.container.docker;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.core.DockerClientConfig;
import dev.mlp.controlplane.artifact.FailureText;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks an engine for its version. On a Unix socket without docker-java, whose first call alone
 * takes longer than this may, on a machine that is busy.
 */
final class Prober {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final String VERSION = "Version";

  private Prober() {}

  static EngineProbe probe(DockerSettings settings) {
    try {
      DockerClientConfig config = settings.clientConfig();
      URI address = config.getDockerHost();
      String version =
          address.getScheme().equals("unix") ? overSocket(address.getPath()) : remote(config);
      return new EngineProbe.Answers(version, address.toString());
    } catch (TimeoutException e) {
      return new EngineProbe.Silent("no answer within " + PATIENCE.toSeconds() + " seconds");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new EngineProbe.Silent("interrupted");
    } catch (IOException | RuntimeException e) {
      return new EngineProbe.Silent(FailureText.of(e));
    }
  }

  private static String overSocket(String path)
      throws IOException, InterruptedException, TimeoutException {
    try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return inTime(() -> {
        try {
          socket.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
          throw new IOException(path + ": " + e.getMessage(), e);
        }
        ByteBuffer request =
            ByteBuffer.wrap(
                "GET /version HTTP/1.0\r\nHost: docker\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        while (request.hasRemaining()) {
          socket.write(request);
        }
        InputStream answer = Channels.newInputStream(socket);
        String text = new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        int json = text.indexOf("\r\n\r\n");
        String version =
            json < 0
                ? ""
                : new ObjectMapper().readTree(text.substring(json)).path(VERSION).asText();
        if (version.isEmpty()) {
          throw new IOException(path + ": what answers is no Docker engine");
        }
        return version;
      });
    }
  }

  private static String remote(DockerClientConfig config)
      throws IOException, InterruptedException, TimeoutException {
    EngineConnection connection = new EngineConnection(config, Clock.systemUTC(), true);
    return inTime(() -> {
      try (connection) {
        return String.valueOf(connection.call(docker -> docker.versionCmd().exec()).getVersion());
      }
    });
  }

  private static String inTime(Callable<String> question)
      throws IOException, InterruptedException, TimeoutException {
    FutureTask<String> answer = new FutureTask<>(question);
    Thread thread = Thread.ofVirtual().name("docker-probe").start(answer);
    try {
      return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new IOException(FailureText.of(cause == null ? e : cause), e);
    } finally {
      thread.interrupt();
    }
  }
}
