package dev.mlp.controlplane.container.docker;

import dev.mlp.controlplane.container.local.MemberFolder;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where containers reach this machine. */
final class PlatformHost {
  private static final int ANY_PORT = 2375;

  private final Path file;
  private final DockerSettings settings;
  private final EngineTools tools;
  private volatile @Nullable String known;

  /**
   * @param file keeps it for when the engine is away
   */
  PlatformHost(Path file, DockerSettings settings, EngineTools tools) {
    this.file = file;
    this.settings = settings;
    this.tools = tools;
  }

  String find() throws IOException {
    if (settings.platformHost().isPresent()) {
      return settings.platformHost().get();
    }
    String host = known;
    if (host == null) {
      try {
        host = ask();
        MemberFolder.writeWhole(file, host);
        known = host;
      } catch (EngineAwayException e) {
        if (!Files.exists(file)) {
          throw e;
        }
        host = Files.readString(file).strip();
      }
    }
    return host;
  }

  private String ask() throws IOException {
    if (!tools.connection.isLocal()) {
      return localAddress(tools.connection.address());
    }
    return tools.facts().desktop() ? "host.docker.internal" : tools.networks.gateway();
  }

  /** The address of ours that packets to the engine's machine leave from; none is sent. */
  private static String localAddress(URI engine) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(
          new InetSocketAddress(
              engine.getHost(), engine.getPort() > 0 ? engine.getPort() : ANY_PORT));
      return socket.getLocalAddress().getHostAddress();
    }
  }
}
