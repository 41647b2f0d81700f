package dev.mlp.sdk.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * A platform that does what a test tells it, on one URL as the real one: AWS JSON by {@code
 * X-Amz-Target}, CloudWatch's forms, invocations, STS and a bucket store in memory. Every request
 * is checked against the {@link ServiceModel}; what it would refuse is answered with a
 * ValidationException and kept in {@link #refused()}.
 */
public final class FakeAws implements AutoCloseable {
  /** The account of {@link #variables()}. */
  public static final String ACCOUNT = "123456789012";

  /** The role of {@link #variables()}. */
  public static final String ROLE = "arn:aws:iam::123456789012:role/mlp";

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Set<String> JSON_SERVICES = Set.of("SageMaker", "Logs_20140328");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final FakeS3 s3 = new FakeS3();
  private final Map<String, Function<JsonNode, Reply>> operations = new ConcurrentHashMap<>();
  private final List<Call> calls = Collections.synchronizedList(new ArrayList<>());
  private final List<String> refused = Collections.synchronizedList(new ArrayList<>());
  private volatile Function<Call, Reply> model =
      call -> Reply.error(400, "ValidationError", "no model");

  /** Starts on a free port. */
  public FakeAws() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * What a client sent.
   *
   * @param operation its name
   * @param body in wire names; of an invocation, {@code endpointName}, {@code contentType} and
   *     {@code body}
   */
  public record Call(String operation, JsonNode body) {}

  /**
   * An answer.
   *
   * @param errorType sent as x-amzn-ErrorType where not empty
   */
  public record Reply(int status, String contentType, String errorType, String body) {
    /** JSON, written as the test likes it. */
    public static Reply json(String body) {
      return new Reply(200, "application/x-amz-json-1.1", "", body.replace('\'', '"'));
    }

    /** Any body. */
    public static Reply of(String contentType, String body) {
      return new Reply(200, contentType, "", body);
    }

    Reply withStatus(int other) {
      return new Reply(other, contentType, errorType, body);
    }

    /** An error in AWS's form. */
    public static Reply error(int status, String type, String message) {
      String body =
          MAPPER.createObjectNode().put("__type", type).put("message", message).toString();
      return new Reply(status, "application/x-amz-json-1.1", type, body);
    }

    /** An error with members of its own. */
    public static Reply error(int status, String type, JsonNode body) {
      return new Reply(status, "application/json", type, body.toString());
    }
  }

  /** The one URL. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The environment of a client of this platform. */
  public Map<String, String> variables() {
    return Map.of(
        "AWS_ENDPOINT_URL", url().toString(),
        "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY", "secret",
        "AWS_REGION", "us-east-1",
        "MLP_ROLE_ARN", ROLE,
        "MLP_TRAINING_IMAGE", "mlp-training",
        "MLP_INFERENCE_IMAGE", "mlp-inference");
  }

  /** From now on the operation is answered so. */
  public FakeAws on(String operation, Function<JsonNode, Reply> answer) {
    operations.put(operation, answer);
    return this;
  }

  /** From now on the operation is answered with these in turn, the last one for ever. */
  public FakeAws on(String operation, Reply first, Reply... others) {
    List<Reply> replies = new ArrayList<>(List.of(others));
    replies.addFirst(first);
    return on(operation, request -> next(replies));
  }

  private static synchronized Reply next(List<Reply> replies) {
    return replies.size() > 1 ? replies.removeFirst() : replies.getFirst();
  }

  /** From now on endpoints answer so. */
  public FakeAws onInvoke(Function<Call, Reply> answer) {
    model = answer;
    return this;
  }

  /** The buckets. */
  public FakeS3 s3() {
    return s3;
  }

  /** What was asked, in order; uploads and downloads are {@link FakeS3}'s. */
  public List<Call> calls() {
    synchronized (calls) {
      return List.copyOf(calls);
    }
  }

  /** The bodies of one operation's calls. */
  public List<JsonNode> calls(String operation) {
    return calls().stream().filter(c -> c.operation().equals(operation)).map(Call::body).toList();
  }

  /**
   * What the service model would refuse of all that was sent: to be empty at the end of every test.
   */
  public List<String> refused() {
    synchronized (refused) {
      return List.copyOf(refused);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
      String path = exchange.getRequestURI().getPath();
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (authorization == null || !authorization.startsWith("AWS4-HMAC-SHA256 ")) {
        send(exchange, Reply.error(403, "MissingAuthenticationTokenException", "not signed"));
      } else if (target != null) {
        send(exchange, jsonOperation(target, MAPPER.readTree(body)));
      } else if (path.startsWith("/endpoints/")) {
        send(exchange, invoke(exchange, path, body));
      } else if (authorization.contains("/sts/aws4_request")) {
        calls.add(new Call("GetCallerIdentity", MAPPER.createObjectNode()));
        send(exchange, identity());
      } else if (authorization.contains("/monitoring/aws4_request")) {
        send(exchange, queryOperation(new String(body, StandardCharsets.UTF_8)));
      } else {
        s3.handle(exchange, body);
      }
    } catch (RuntimeException e) {
      refused.add("the fake failed: " + e);
      throw e;
    }
  }

  private Reply jsonOperation(String target, JsonNode body) {
    String service = target.substring(0, target.indexOf('.'));
    String operation = target.substring(target.indexOf('.') + 1);
    calls.add(new Call(operation, body));
    List<String> problems = ServiceModel.problems(operation, body);
    Function<JsonNode, Reply> answer = operations.get(operation);
    if (!JSON_SERVICES.contains(service) || !problems.isEmpty()) {
      refused.addAll(problems);
      return Reply.error(400, "ValidationException", String.join("; ", problems));
    }
    return answer == null
        ? Reply.error(400, "ValidationException", "no answer for " + operation)
        : answer.apply(body);
  }

  /** A form: its parameters are the call's body, as they are named there. */
  private Reply queryOperation(String form) {
    ObjectNode body = MAPPER.createObjectNode();
    for (String parameter : form.split("&", -1)) {
      String[] parts = parameter.split("=", 2);
      body.put(
          URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
          URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    String operation = body.path("Action").asText();
    calls.add(new Call(operation, body));
    Function<JsonNode, Reply> answer = operations.get(operation);
    return answer == null
        ? Reply.of(
                "text/xml",
                "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code></Error></ErrorResponse>")
            .withStatus(400)
        : answer.apply(body);
  }

  private Reply invoke(HttpExchange exchange, String path, byte[] body) {
    String contentType = exchange.getRequestHeaders().getFirst("Content-Type");
    String accept = exchange.getRequestHeaders().getFirst("Accept");
    Call call =
        new Call(
            "InvokeEndpoint",
            MAPPER
                .createObjectNode()
                .put(
                    "endpointName",
                    path.substring("/endpoints/".length(), path.indexOf("/invocations")))
                .put("contentType", contentType)
                .put("accept", accept)
                .put("body", new String(body, StandardCharsets.UTF_8)));
    calls.add(call);
    return model.apply(call);
  }

  private static Reply identity() {
    return new Reply(
        200,
        "text/xml",
        "",
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
            + "<Arn>arn:aws:iam::"
            + ACCOUNT
            + ":root</Arn><UserId>"
            + ACCOUNT
            + "</UserId><Account>"
            + ACCOUNT
            + "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>");
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", reply.contentType());
    if (!reply.errorType().isEmpty()) {
      exchange.getResponseHeaders().set("x-amzn-ErrorType", reply.errorType());
    }
    exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }
}
