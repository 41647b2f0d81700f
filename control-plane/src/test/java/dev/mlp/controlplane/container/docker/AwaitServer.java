package dev.mlp.controlplane.container.docker;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** Lets a container, which sees no file of this machine, wait for one: its answer comes then. */
public final class AwaitServer implements AutoCloseable {
  private static final Duration STEP = Duration.ofMillis(5);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean closed;

  /**
   * @param host that containers reach
   */
  public AwaitServer(String host) throws IOException {
    server = HttpServer.create(new InetSocketAddress(host, 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          Path file = Path.of(exchange.getRequestURI().getQuery());
          while (!closed && !Files.exists(file)) {
            LockSupport.parkNanos(STEP.toNanos());
          }
          exchange.sendResponseHeaders(closed ? 503 : 200, -1);
          exchange.close();
        });
    server.start();
  }

  /** A shell command that ends when the file is there. */
  public String command(Path file) {
    String url =
        "http://%s:%d/?%s"
            .formatted(
                server.getAddress().getAddress().getHostAddress(),
                server.getAddress().getPort(),
                URLEncoder.encode(file.toString(), StandardCharsets.UTF_8));
    return "until wget -q -O /dev/null '" + url + "' 2>/dev/null; do sleep 0.1; done";
  }

  @Override
  public void close() {
    closed = true;
    server.stop(0);
    threads.shutdownNow();
  }
}
