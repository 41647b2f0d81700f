package dev.mlp.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** The programs that are measured, as the launcher and the server start them. */
record Programs(Path home, Path work) {
  static Programs create() throws IOException {
    String home = System.getProperty("mlp.home");
    if (home == null) {
      throw new IllegalStateException("run it by tools/benchmark, which sets mlp.home");
    }
    return new Programs(Path.of(home), Files.createTempDirectory("mlp-benchmark-"));
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** A class of this module in a process of its own. */
  static List<String> own(Class<?> program, String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            java(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            program.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  List<String> mlp(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("mlp").toString());
    command.addAll(List.of(arguments));
    return command;
  }

  ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("MLP_SKIP_BUILD", "1");
    builder.environment().put("MLP_DATA_DIR", work.resolve("data").toString());
    builder.redirectError(work.resolve("errors.log").toFile());
    return builder;
  }

  /** Runs to the end; what it printed. */
  String run(List<String> command) throws Exception {
    Process process = builder(command).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + ": " + output + Files.readString(work.resolve("errors.log")));
    }
    return output;
  }

  /** Whole-process time in ms. */
  double millis(List<String> command) throws Exception {
    long start = System.nanoTime();
    run(command);
    return (System.nanoTime() - start) / 1e6;
  }

  /**
   * Starts it and returns when a line begins with the text: the process, its line, the time in ms.
   */
  Started start(ProcessBuilder builder, String prefix) throws IOException {
    long begin = System.nanoTime();
    Process process = builder.start();
    BufferedReader output = process.inputReader(UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(prefix)) {
        double millis = (System.nanoTime() - begin) / 1e6;
        Thread.ofVirtual().start(() -> drain(output));
        return new Started(process, line, millis);
      }
    }
    throw new IOException(
        "ended before it was ready: " + Files.readString(work.resolve("errors.log")));
  }

  /** What it prints later is of no interest, but must not fill its pipe. */
  private static void drain(BufferedReader output) {
    try {
      output.transferTo(Writer.nullWriter());
    } catch (IOException e) {
      // The program has ended.
    }
  }

  /** A program that is ready. */
  record Started(Process process, String line, double millis) implements AutoCloseable {
    @Override
    public void close() {
      process.destroy();
      process.onExit().join();
    }
  }

  Started server() throws IOException {
    return server("process");
  }

  Started server(String runtime) throws IOException {
    return start(
        builder(mlp("server", "--port", "0", "--runtime", runtime, "--temporary")),
        "mlp is ready at ");
  }

  /**
   * The model server by hand, exactly as the process runtime starts it; ready when it is pinged.
   */
  Started modelServer(Path model) throws Exception {
    Path target = home.resolve("inference-container/target");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path cache = Path.of(System.getProperty("user.home"), ".cache", "mlp", "javacpp");
    List<String> command =
        new ArrayList<>(List.of(java(), "-XX:+UseSerialGC", "-Xms32m", "-Xmx512m"));
    if (Files.exists(target.resolve("server.aot"))) {
      command.addAll(
          List.of(
              "-XX:AOTCache=" + target.resolve("server.aot"), "-Xlog:aot=off", "-Xlog:cds=off"));
    }
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dorg.bytedeco.javacpp.cachedir=" + cache,
            "-cp",
            target.resolve("mlp-inference-container.jar") + ":" + target.resolve("lib") + "/*",
            "dev.mlp.inference.Main",
            "serve"));
    ProcessBuilder builder = builder(command);
    builder
        .environment()
        .putAll(
            Map.of(
                "SAGEMAKER_BIND_TO_PORT", Integer.toString(port),
                "MLP_BIND_HOST", "127.0.0.1",
                "SM_MODEL_DIR", model.toString()));
    long begin = System.nanoTime();
    Process process = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    URI ping = URI.create("http://127.0.0.1:" + port + "/ping");
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (process.isAlive()) {
        try {
          int status =
              client
                  .send(
                      HttpRequest.newBuilder(ping).build(), HttpResponse.BodyHandlers.discarding())
                  .statusCode();
          if (status == 200) {
            return new Started(process, Integer.toString(port), (System.nanoTime() - begin) / 1e6);
          }
        } catch (IOException e) {
          // It does not listen yet.
        }
        LockSupport.parkNanos(5_000_000);
      }
    }
    throw new IOException(
        "the model server ended: " + Files.readString(work.resolve("errors.log")));
  }
}
