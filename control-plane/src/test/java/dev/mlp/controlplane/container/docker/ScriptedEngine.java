package dev.mlp.controlplane.container.docker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An engine that answers what a test tells it to, for what a real one does too rarely. */
final class ScriptedEngine implements AutoCloseable {
  /** Answers one request, or breaks the connection off by throwing an exception. */
  interface Answer {
    void to(HttpExchange request) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();

  ScriptedEngine() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
    on("GET /_ping", json("OK"));
  }

  /**
   * @param request method and path, such as {@code POST /containers/a/kill}; 404 for all others
   */
  void on(String request, Answer answer) {
    answers.put(request, answer);
  }

  static Answer json(String text) {
    return request -> send(request, 200, text.getBytes(StandardCharsets.UTF_8));
  }

  static void send(HttpExchange request, int status, byte[] body) throws IOException {
    request.getResponseHeaders().set("Content-Type", "application/json");
    request.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      try (OutputStream out = request.getResponseBody()) {
        out.write(body);
      }
    }
  }

  /** Lines as the engine frames them: each with its time stamp. */
  static byte[] log(String... lines) {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (String line : lines) {
      byte[] text = (line + "\n").getBytes(StandardCharsets.UTF_8);
      frames.writeBytes(ByteBuffer.allocate(8).put((byte) 1).putInt(4, text.length).array());
      frames.writeBytes(text);
    }
    return frames.toByteArray();
  }

  private void handle(HttpExchange request) throws IOException {
    try (request) {
      Answer answer =
          answers.getOrDefault(
              request.getRequestMethod() + " " + request.getRequestURI().getPath(),
              unknown ->
                  send(
                      unknown,
                      404,
                      "{\"message\":\"no such thing\"}".getBytes(StandardCharsets.UTF_8)));
      answer.to(request);
    }
  }

  EngineConnection connection() {
    return new EngineConnection(settings().clientConfig(), java.time.Clock.systemUTC(), true);
  }

  DockerSettings settings() {
    return DockerSettings.defaults().withHost("tcp://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
