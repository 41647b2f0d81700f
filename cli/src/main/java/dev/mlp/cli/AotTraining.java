package dev.mlp.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Walks the usual paths of the short commands once, so that the JVM can write down which classes
 * they need: {@code java -XX:AOTCacheOutput=cli.aot -cp … dev.mlp.cli.AotTraining}. The answers
 * come from a tiny server of its own; nothing else is touched.
 */
public final class AotTraining {
  private static final String JOB =
      """
      {"TrainingJobName":"job","TrainingJobArn":"arn:aws:sagemaker:us-east-1:123456789012:training-job/job","TrainingJobStatus":"Completed",\
      "SecondaryStatus":"Completed","CreationTime":1.7E9,"TrainingEndTime":1.7E9,"LastModifiedTime":1.7E9,"ModelArtifacts":{"S3ModelArtifacts":"s3://b/k"},\
      "HyperParameters":{"k":"v"},"SecondaryStatusTransitions":[{"Status":"Completed","StatusMessage":"m","StartTime":1.7E9}]}\
      """;

  private static final Map<String, String> ANSWERS =
      Map.of(
          "SageMaker.ListTrainingJobs", "{\"TrainingJobSummaries\":[" + JOB + "]}",
          "SageMaker.DescribeTrainingJob", JOB,
          "SageMaker.ListEndpoints",
              "{\"Endpoints\":[{\"EndpointName\":\"e\",\"EndpointStatus\":\"InService\",\"CreationTime\":1.7E9}]}",
          "SageMaker.DescribeEndpoint",
              "{\"EndpointName\":\"e\",\"EndpointStatus\":\"InService\",\"CreationTime\":1.7E9}",
          "SageMaker.ListModels", "{\"Models\":[]}",
          "SageMaker.ListEndpointConfigs", "{\"EndpointConfigs\":[]}",
          "Logs_20140328.DescribeLogStreams",
              "{\"logStreams\":[{\"logStreamName\":\"job/algo-1\"}]}",
          "Logs_20140328.GetLogEvents",
              "{\"events\":[{\"timestamp\":1,\"message\":\"m\"}],\"nextForwardToken\":\"\"}");

  private static final List<List<String>> WALK =
      List.of(
          List.of("--help"),
          List.of("train", "--help"),
          List.of("version"),
          List.of("trian"),
          List.of("env"),
          List.of("env", "--output", "json"),
          List.of("jobs", "list"),
          List.of("jobs", "list", "--output", "json"),
          List.of("jobs", "describe", "job"),
          List.of("jobs", "describe", "job", "--output", "json"),
          List.of("jobs", "logs", "job"),
          List.of("endpoints", "list"),
          List.of("endpoints", "list", "--output", "json"),
          List.of("endpoints", "describe", "e"),
          List.of("models", "list"),
          List.of("status"),
          List.of("predict", "--endpoint", "e", "--json", "{\"instances\":[1]}"),
          List.of("predict", "--endpoint", "e", "--json", "{\"instances\":[1]}", "-o", "json"));

  private AotTraining() {}

  /**
   * Walks; exits with 1 where a command does not do as expected, since a cache from a broken walk
   * would be a slow one.
   */
  public static void main(String[] args) throws IOException {
    Path directory = Files.createTempDirectory("mlp-aot");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", AotTraining::answer);
    server.start();
    int failures = 0;
    try {
      int port = server.getAddress().getPort();
      Files.writeString(
          directory.resolve("server.json"),
          Tree.write(
              Map.of(
                  "pid",
                  ProcessHandle.current().pid(),
                  "url",
                  "http://127.0.0.1:" + port,
                  "version",
                  "training",
                  "startedAt",
                  "2026-01-01T00:00:00Z")));
      Files.writeString(
          directory.resolve("credentials.json"),
          Tree.write(
              Map.of("accessKeyId", "AKID", "secretAccessKey", "secret", "region", "us-east-1")));
      for (List<String> command : WALK) {
        failures += walk(directory, command);
      }
    } finally {
      server.stop(0);
      Files.delete(directory.resolve("server.json"));
      Files.delete(directory.resolve("credentials.json"));
      Files.delete(directory);
    }
    System.exit(failures == 0 ? 0 : 1);
  }

  private static int walk(Path directory, List<String> command) {
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    Terminal.detect(System.getenv());
    Context context =
        new Context(
            new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8),
            new PrintStream(errors, true, StandardCharsets.UTF_8),
            Map.of("MLP_DATA_DIR", directory.toString()),
            new Terminal(false, false, true));
    int code = Main.run(context, command.toArray(String[]::new));
    int expected = command.equals(List.of("trian")) ? ErrorText.USAGE : 0;
    if (code == expected) {
      return 0;
    }
    System.err.println(
        "mlp " + String.join(" ", command) + ": " + errors.toString(StandardCharsets.UTF_8));
    return 1;
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
      String body = target == null ? "{\"predictions\":[1.0]}" : ANSWERS.getOrDefault(target, "{}");
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange
          .getResponseHeaders()
          .set("Content-Type", target == null ? "application/json" : "application/x-amz-json-1.1");
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
