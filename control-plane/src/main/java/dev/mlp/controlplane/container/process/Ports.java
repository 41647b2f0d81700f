package dev.mlp.controlplane.container.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Serving ports of this machine. They come from below the range that the kernel takes ports of
 * outgoing connections from (32768 and up), so nobody else gets one by chance between the choice
 * and the program's own listen.
 */
final class Ports {
  private static final int FIRST = 20_000;
  private static final int LIMIT = 32_000;
  private static final int ATTEMPTS = 1_000;

  private final Object lock = new Object();
  private final Set<Integer> taken = new HashSet<>();

  /** A port that is free now and not handed out; the caller's own until released. */
  int take() throws IOException {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = RandomGenerator.getDefault().nextInt(FIRST, LIMIT);
      synchronized (lock) {
        if (!taken.add(port)) {
          continue;
        }
      }
      if (isFree(port)) {
        return port;
      }
      release(port);
    }
    throw new IOException("no free port between " + FIRST + " and " + LIMIT);
  }

  /** Marks a port as handed out, as it was before a restart. */
  void retake(int port) {
    synchronized (lock) {
      taken.add(port);
    }
  }

  void release(int port) {
    synchronized (lock) {
      taken.remove(port);
    }
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
