package dev.mlp.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.inference.tensorflow.TestGraph;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process of its own, as a container runs it. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MainTest {
  private static final Pattern READY =
      Pattern.compile("The model server is ready at http://127\\.0\\.0\\.1:(\\d+) with .*");

  @TempDir private Path directory;
  private @Nullable Process process;

  @AfterEach
  void kill() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.mlp.inference.Main"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    builder.environment().put("SAGEMAKER_BIND_TO_PORT", "0");
    builder.environment().put("MLP_BIND_HOST", "127.0.0.1");
    Process started = builder.start();
    process = started;
    return started;
  }

  private static String rest(BufferedReader output) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      text.append(line).append('\n');
    }
    return text.toString();
  }

  @Test
  void servesUntilItIsToldToStopAndFinishesWhatIsInFlight() throws Exception {
    TestGraph.halfPlusTwo().write(directory.resolve("model/half_plus_two/7"));
    Process server = start(Map.of("SAGEMAKER_BASE_DIR", directory.toString()), "serve");
    BufferedReader output = server.inputReader();
    int port = readPort(output);
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    HttpRequest ping =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/ping")).build();
    assertThat(client.send(ping, HttpResponse.BodyHandlers.discarding()).statusCode())
        .isEqualTo(200);
    String body = "{\"instances\":[1.0]}";
    try (Socket inFlight = new Socket(InetAddress.getLoopbackAddress(), port);
        Socket idle = new Socket(InetAddress.getLoopbackAddress(), port)) {
      OutputStream request = inFlight.getOutputStream();
      InputStream answer = inFlight.getInputStream();
      write(
          request,
          "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
              + "Expect: 100-continue\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n");
      // Once it says so, the server has taken the request in; it waits for the body now.
      assertThat(head(answer)).startsWith("HTTP/1.1 100 Continue");

      server.toHandle().destroy(); // SIGTERM; Process.destroy would close the output too
      assertThat(idle.getInputStream().read()).as("the idle connection is closed").isEqualTo(-1);
      awaitRefusal(port);
      assertThat(server.isAlive()).isTrue();

      write(request, body);
      assertThat(head(answer))
          .startsWith("HTTP/1.1 200 OK")
          .containsIgnoringCase("connection: close");
      assertThat(new String(answer.readAllBytes(), StandardCharsets.UTF_8)).contains("[2.5");
    }
    assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(server.exitValue()).isZero();
    assertThat(rest(output)).contains("The model server has stopped.");
  }

  /** Reads up to the line that says where the server listens. */
  private static int readPort(BufferedReader output) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      Matcher ready = READY.matcher(line);
      if (ready.matches()) {
        assertThat(line)
            .contains("[half_plus_two/7]", "JVM ", "TensorFlow ", "models ", "warm-up ");
        return Integer.parseInt(ready.group(1));
      }
    }
    throw new AssertionError("the server has ended");
  }

  /** Returns once nobody listens. */
  private static void awaitRefusal(int port) throws IOException {
    while (true) {
      try (Socket accepted = new Socket(InetAddress.getLoopbackAddress(), port)) {
        assertThat(accepted.isConnected()).isTrue();
      } catch (ConnectException refused) {
        return;
      }
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** Reads up to and with the empty line. */
  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.append((char) next);
    }
    return head.toString();
  }

  @Test
  void endsWithAnErrorWhereThereIsNoModel() throws Exception {
    Process server = start(Map.of("SM_MODEL_DIR", directory.toString()), "serve");
    assertThat(rest(server.inputReader()))
        .contains("no SavedModel bundles found!")
        .contains(directory.toString());
    assertThat(server.waitFor()).isEqualTo(1);
  }

  @Test
  void endsWithAnErrorWhereTheEnvironmentIsWrong() throws Exception {
    Process server = start(Map.of("SAGEMAKER_MAX_PAYLOAD_IN_MB", "six"), "serve");
    assertThat(rest(server.inputReader()))
        .contains("SAGEMAKER_MAX_PAYLOAD_IN_MB is 'six': expected a whole number from 1 to 1024");
    assertThat(server.waitFor()).isEqualTo(1);
  }

  @Test
  void saysHowItIsUsed() throws Exception {
    Process server = start(Map.of(), "train");
    assertThat(rest(server.inputReader())).contains("Usage: serve. Found: train");
    assertThat(server.waitFor()).isEqualTo(1);
  }
}
