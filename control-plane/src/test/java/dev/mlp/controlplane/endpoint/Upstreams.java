package dev.mlp.controlplane.endpoint;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Tiny model servers on real sockets, for pings. */
final class Upstreams implements AutoCloseable {
  private final List<Upstream> all = new CopyOnWriteArrayList<>();

  /** One of them: answers {@code /ping} with a status of the test's choice. */
  static final class Upstream {
    private final HttpServer server;
    private final AtomicInteger status;
    private final AtomicInteger pings = new AtomicInteger();

    private Upstream(HttpServer server, int status) {
      this.server = server;
      this.status = new AtomicInteger(status);
      server.createContext(
          "/ping",
          exchange -> {
            exchange.sendResponseHeaders(this.status.get(), -1);
            exchange.close();
            pings.incrementAndGet();
          });
      server.start();
    }

    String address() {
      return "127.0.0.1:" + server.getAddress().getPort();
    }

    void answer(int other) {
      status.set(other);
    }

    int pings() {
      return pings.get();
    }
  }

  Upstream answering(int status) {
    try {
      Upstream upstream =
          new Upstream(
              HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0),
              status);
      all.add(upstream);
      return upstream;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    all.forEach(upstream -> upstream.server.stop(0));
  }
}
