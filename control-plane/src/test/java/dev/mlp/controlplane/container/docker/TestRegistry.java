package dev.mlp.controlplane.container.docker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A registry with one image, {@code team/image:1}, that an engine of this machine can pull. */
final class TestRegistry implements AutoCloseable {
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

  private static final String AUTHORIZATION = "Authorization:";
  private static final int TLS_HANDSHAKE = 0x16;
  private static final byte[] empty = {};

  private final ServerSocket server;
  private final Optional<String> credentials;
  private final Map<String, byte[]> blobs = new HashMap<>();
  private final byte[] manifest;

  /**
   * @param credentials {@code user:password}; empty to let everybody in
   */
  TestRegistry(Optional<String> credentials, byte[] layer) throws IOException {
    this.credentials = credentials;
    byte[] tar = tar(layer);
    byte[] config =
        """
        {"architecture":"amd64","os":"linux","config":{"Labels":{"mlp-test":"1"}},
         "rootfs":{"type":"layers","diff_ids":["%s"]}}
        """
            .formatted(digest(tar))
            .getBytes(StandardCharsets.UTF_8);
    byte[] packed = gzip(tar);
    blobs.put(digest(config), config);
    blobs.put(digest(packed), packed);
    manifest =
        """
        {"schemaVersion":2,"mediaType":"%s",
         "config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":%d,"digest":"%s"},
         "layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":%d,"digest":"%s"}]}
        """
            .formatted(MANIFEST, config.length, digest(config), packed.length, digest(packed))
            .getBytes(StandardCharsets.UTF_8);
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("test-registry").start(this::accept);
  }

  /** Such as {@code 127.0.0.1:34567}. */
  String name() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        // It was closed.
        return;
      }
    }
  }

  /** One request a connection; one that begins with a TLS handshake is refused at once. */
  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      in.mark(1);
      if (in.read() == TLS_HANDSHAKE) {
        return;
      }
      in.reset();
      BufferedReader head = new BufferedReader(new InputStreamReader(in, US_ASCII));
      String[] request = head.readLine().split(" ", 3);
      String authorization = "";
      for (String line = head.readLine(); !line.isEmpty(); line = head.readLine()) {
        if (line.regionMatches(true, 0, AUTHORIZATION, 0, AUTHORIZATION.length())) {
          authorization = line.substring(AUTHORIZATION.length()).strip();
        }
      }
      socket.getOutputStream().write(answer(request[0], request[1], authorization));
    } catch (IOException e) {
      // The engine has hung up.
    }
  }

  private byte[] answer(String method, String path, String authorization) throws IOException {
    byte[] blob = blobs.get(path.substring(path.lastIndexOf('/') + 1));
    if (!isLetIn(authorization)) {
      return message(method, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"test\"", empty);
    } else if (path.equals("/v2/")) {
      return message(method, "200 OK", "Content-Type: application/json", "{}".getBytes(US_ASCII));
    } else if (path.startsWith("/v2/team/image/manifests/1") || path.endsWith(digest(manifest))) {
      return message(method, "200 OK", "Content-Type: " + MANIFEST, manifest);
    } else if (blob != null) {
      return message(method, "200 OK", "Content-Type: application/octet-stream", blob);
    }
    return message(
        method,
        "404 Not Found",
        "Content-Type: application/json",
        "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}"
            .getBytes(US_ASCII));
  }

  private boolean isLetIn(String authorization) {
    return credentials
        .map(wanted ->
            authorization.equals(
                "Basic " + Base64.getEncoder().encodeToString(wanted.getBytes(US_ASCII))))
        .orElse(true);
  }

  private static byte[] message(String method, String status, String header, byte[] body)
      throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(
        "HTTP/1.1 %s\r\n%s\r\nDocker-Content-Digest: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            .formatted(status, header, digest(body), body.length)
            .getBytes(US_ASCII));
    if (!method.equals("HEAD")) {
      message.writeBytes(body);
    }
    return message.toByteArray();
  }

  private static byte[] tar(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry("file");
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static String digest(byte[] content) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
