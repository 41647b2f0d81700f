package dev.mlp.inference.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Asks the server itself, over the network: whoever comes first would otherwise wait a quarter of a
 * second for the classes of the whole path to be loaded.
 */
public final class SelfRequest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final InetSocketAddress address;

  SelfRequest(String host, int port) {
    InetSocketAddress bound = new InetSocketAddress(host, port);
    // A server that listens everywhere is found at home.
    this.address =
        bound.getAddress() != null && bound.getAddress().isAnyLocalAddress()
            ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
            : bound;
  }

  public void get(String path) throws IOException {
    send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", new byte[0]);
  }

  public void postJson(String path, byte[] body) throws IOException {
    send(
        "POST "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length
            + "\r\nConnection: close\r\n\r\n",
        body);
  }

  /** The answer does not matter; it is read to its end. */
  private void send(String head, byte[] body) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout((int) TIMEOUT.toMillis());
      socket.connect(address, (int) TIMEOUT.toMillis());
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      try (InputStream answer = socket.getInputStream()) {
        answer.skipNBytes(12);
        answer.readAllBytes();
      }
    }
  }
}
