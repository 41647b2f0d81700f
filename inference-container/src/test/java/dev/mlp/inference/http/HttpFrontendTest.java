package dev.mlp.inference.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.inference.tensorflow.DataType;
import dev.mlp.inference.tensorflow.TestGraph;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpFrontendTest {
  private static final String JSON = "application/json";

  @TempDir private static Path root;
  private static TestServer server;

  @BeforeAll
  static void start() throws IOException {
    TestGraph.halfPlusTwo().write(root.resolve("half_plus_two/1"));
    TestGraph.identity(DataType.DT_FLOAT).write(root.resolve("half_plus_two/12"));
    TestGraph.twoInputs().write(root.resolve("two_inputs/1"));
    TestGraph.layer().write(root.resolve("layer/1"));
    for (DataType type :
        List.of(DataType.DT_STRING, DataType.DT_HALF, DataType.DT_UINT64, DataType.DT_BOOL)) {
      TestGraph.identity(type).write(root.resolve(type.shortName() + "/1"));
    }
    server = new TestServer(root, "half_plus_two");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String text(HttpResponse<String> response) {
    return response.statusCode() + " " + response.body();
  }

  private static String compact(HttpResponse<String> response) {
    return response.statusCode() + " " + response.body().replaceAll("\\s", "");
  }

  @Test
  void answersPing() {
    assertThat(text(server.get("/ping"))).isEqualTo("200 ");
  }

  @Test
  void answersRowsInTensorFlowServingsLayout() {
    HttpResponse<String> response =
        server.post("/v1/models/half_plus_two/versions/1:predict", "{\"instances\":[1.0,2.0,5.0]}");
    assertThat(text(response)).isEqualTo("200 {\n    \"predictions\": [2.5, 3.0, 4.5\n    ]\n}");
    assertThat(response.headers().firstValue("content-type")).contains(JSON);
    assertThat(
            text(
                server.post(
                    "/v1/models/two_inputs:predict",
                    "{\"instances\":[{\"a\":1,\"b\":2},{\"a\":3,\"b\":4}]}")))
        .isEqualTo(
            """
            200 {
                "predictions": [
                    {
                        "product": 2.0,
                        "sum": 3.0,
                        "the_same_product": 2.0
                    },
                    {
                        "product": 12.0,
                        "sum": 7.0,
                        "the_same_product": 12.0
                    }
                ]
            }\
            """);
  }

  @Test
  void answersColumns() {
    assertThat(
            compact(
                server.post(
                    "/v1/models/two_inputs:predict",
                    "{\"signature_name\":\"with_total\",\"inputs\":{\"a\":[1,2],\"b\":[3,4]}}")))
        .isEqualTo(
            "200 {\"outputs\":{\"product\":[3.0,8.0],\"sum\":[4.0,6.0],\"the_same_product\":[3.0,8.0],\"total\":10.0}}");
  }

  @Test
  void refusesRowsWhereAnOutputHasNoBatchDimension() {
    assertThat(
            text(
                server.post(
                    "/v1/models/two_inputs:predict",
                    "{\"signature_name\":\"with_total\",\"instances\":[{\"a\":1,\"b\":2}]}")))
        .isEqualTo("400 {\n    \"error\": \"Tensor name: total has no shape information \"\n}");
  }

  @Test
  void usesTheHighestVersionUnlessToldOtherwise() {
    String body = "{\"instances\":[7]}";
    assertThat(compact(server.post("/v1/models/half_plus_two:predict", body)))
        .isEqualTo("200 {\"predictions\":[7.0]}");
    assertThat(compact(server.post("/v1/models/half_plus_two/versions/1:predict", body)))
        .isEqualTo("200 {\"predictions\":[5.5]}");
    assertThat(compact(server.invoke(JSON, body))).isEqualTo("200 {\"predictions\":[7.0]}");
    assertThat(
            compact(
                server.invoke(
                    JSON, body, "X-Amzn-SageMaker-Custom-Attributes", "tfs-model-version=1")))
        .isEqualTo("200 {\"predictions\":[5.5]}");
    assertThat(
            compact(
                server.invoke(
                    JSON,
                    "[\"a\"]",
                    "X-Amzn-SageMaker-Custom-Attributes",
                    "trace=1, tfs-model-name=string,tfs-method=predict")))
        .isEqualTo("200 {\"predictions\":[[\"a\"]]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "application/json | {\"instances\":[1.0,2.0]} | {\"predictions\":[1.0,2.0]}",
        "application/json | {\"inputs\":[1.0,2.0]} | {\"outputs\":[1.0,2.0]}",
        "application/json | [1.0,2.0] | {\"predictions\":[[1.0,2.0]]}",
        "application/json | [[1.0,2.0],[3,4]] | {\"predictions\":[[1.0,2.0],[3.0,4.0]]}",
        "application/json | {\"x\":[5]} | {\"predictions\":[[5.0]]}",
        "application/json; charset=utf-8 | 5 | {\"predictions\":[5.0]}",
        "application/jsonlines | `{\"x\":1}\n{\"x\":2}` | {\"predictions\":[1.0,2.0]}",
        "application/jsons | {\"x\":1}{\"x\":2} | {\"predictions\":[1.0,2.0]}",
        "text/csv | `1,2\n3,4\n` | {\"predictions\":[[1.0,2.0],[3.0,4.0]]}",
        "text/csv | `1\n2\n` | {\"predictions\":[1.0,2.0]}",
        "Text/CSV; header=absent | `1.5` | {\"predictions\":[1.5]}"
      })
  void readsTheBodiesOfSageMakersContainer(String contentType, String body, String expected) {
    assertThat(compact(server.invoke(contentType, body))).isEqualTo("200 " + expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/json | application/json",
        "application/jsonlines | application/jsonlines",
        "text/plain, application/jsonlines;q=0.5 | application/jsonlines"
      })
  void leavesLineBreaksOutWhereJsonIsAccepted(String accept, String contentType) {
    HttpResponse<String> response = server.invoke(JSON, "{\"instances\":[1,2]}", "Accept", accept);
    assertThat(text(response)).isEqualTo("200 {    \"predictions\": [1.0, 2.0    ]}");
    assertThat(response.headers().firstValue("content-type")).contains(contentType);
  }

  @Test
  void keepsLineBreaksForOthers() {
    assertThat(server.invoke(JSON, "[1]", "Accept", "*/*").body()).contains("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-npy", "application/xml"})
  void refusesOtherMediaTypes(String type) {
    assertThat(text(server.invoke(type, "1")))
        .isEqualTo("415 {\n    \"error\": \"Unsupported Media Type: " + type + "\"\n}");
  }

  @Test
  void refusesABodyOfNoType() {
    assertThat(text(server.post("/invocations", "[1]")))
        .isEqualTo("415 {\n    \"error\": \"Unsupported Media Type: Unknown\"\n}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tfs-model-name=nope | 404 | Servable not found for request: Latest(nope)",
        "tfs-model-version=5 | 404 | Servable not found for request: Specific(half_plus_two, 5)",
        "tfs-model-version=x | 400 | invalid tfs-model-version",
        "tfs-method=classify | 501 | Method classify is not supported by this server; use predict.",
        "tfs-method=explain | 400 | invalid tfs-method"
      })
  void refusesAttributesThatItCannotFollow(String attributes, int status, String error) {
    assertThat(text(server.invoke(JSON, "[1]", "X-Amzn-SageMaker-Custom-Attributes", attributes)))
        .isEqualTo(status + " {\n    \"error\": \"" + error + "\"\n}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/models/half_plus_two:predict | {\"instances\":[1.0 | 400 | JSON Parse error: Missing a comma or ] after an array element. at offset: 17",
        "/v1/models/half_plus_two:predict | {} | 400 | Missing 'inputs' or 'instances' key",
        "/v1/models/half_plus_two:predict | {\"signature_name\":\"x\",\"instances\":[1]} | 400 | Serving signature name: \\\"x\\\" not found in signature def",
        "/v1/models/nope:predict | {} | 404 | Servable not found for request: Latest(nope)",
        "/v1/models/nope/versions/3:predict | {} | 404 | Servable not found for request: Specific(nope, 3)",
        "/v1/models/half_plus_two/versions/3:predict | {} | 404 | Servable not found for request: Specific(half_plus_two, 3)",
        "/v1/models/half_plus_two/labels/stable:predict | {} | 400 | Unrecognized servable version label: stable",
        "/v1/models/half_plus_two/versions/99999999999999999999:predict | {} | 400 | Failed to convert version: 99999999999999999999 to numeric.",
        "/v1/models/half_plus_two:regress | {} | 501 | Method regress is not supported by this server; use predict.",
        "/v1/models/half_plus_two | {} | 400 | Malformed request: POST /v1/models/half_plus_two",
        "/v1/foo | {} | 400 | Malformed request: POST /v1/foo",
        "/v1/models/half_plus_two/versions/x:predict | {} | 400 | Malformed request: POST /v1/models/half_plus_two/versions/x:predict",
        "/elsewhere | {} | 404 | Not Found: POST /elsewhere"
      })
  void refusesInTensorFlowServingsWords(String path, String body, int status, String error) {
    assertThat(text(server.post(path, body)))
        .isEqualTo(status + " {\n    \"error\": \"" + error + "\"\n}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/models | 400 | Missing model name in request.",
        "/v1/models/nope | 404 | Could not find any versions of model nope",
        "/v1/models/layer/versions/7 | 404 | Could not find version 7 of model layer",
        "/v1/models/nope/metadata | 404 | Servable not found for request: Latest(nope)",
        "/v1/models/layer/labels/x | 400 | Unrecognized servable version label: x",
        "/v1/models/layer:predict | 400 | Malformed request: GET /v1/models/layer:predict",
        "/invocations | 405 | Method Not Allowed: use POST for /invocations"
      })
  void refusesOtherGets(String path, int status, String error) {
    assertThat(text(server.get(path)))
        .isEqualTo(status + " {\n    \"error\": \"" + error + "\"\n}");
  }

  @Test
  void passesOnWhatTensorFlowSaysAboutShapes() {
    assertThat(text(server.post("/v1/models/layer:predict", "{\"instances\":[[1,2,3]]}")))
        .startsWith("400 {\n    \"error\": \"")
        .contains("In[0]: [1,3], In[1]: [9,1]");
  }

  @Test
  void answersTheStatusAsTensorFlowServingPrintsIt() {
    assertThat(text(server.get("/v1/models/layer")))
        .isEqualTo(
            """
            200 {
             "model_version_status": [
              {
               "version": "1",
               "state": "AVAILABLE",
               "status": {
                "error_code": "OK",
                "error_message": ""
               }
              }
             ]
            }
            """);
    assertThat(server.get("/V1/models/half_plus_two").body())
        .containsSubsequence("\"version\": \"12\"", "\"version\": \"1\"");
    assertThat(server.get("/v1/models/half_plus_two/versions/1").body())
        .contains("\"version\": \"1\"")
        .doesNotContain("12");
  }

  @Test
  void answersTheMetadataAsTensorFlowServingPrintsThem() {
    assertThat(text(server.get("/v1/models/half_plus_two/versions/1/metadata")))
        .isEqualTo(
            """
            200 {
            "model_spec":{
             "name": "half_plus_two",
             "signature_name": "",
             "version": "1"
            }
            ,
            "metadata": {"signature_def": {
             "signature_def": {
              "serving_default": {
               "inputs": {
                "x": {
                 "dtype": "DT_FLOAT",
                 "tensor_shape": {
                  "dim": [
                   {
                    "size": "-1",
                    "name": ""
                   },
                   {
                    "size": "1",
                    "name": ""
                   }
                  ],
                  "unknown_rank": false
                 },
                 "name": "x:0"
                }
               },
               "outputs": {
                "y": {
                 "dtype": "DT_FLOAT",
                 "tensor_shape": {
                  "dim": [
                   {
                    "size": "-1",
                    "name": ""
                   },
                   {
                    "size": "1",
                    "name": ""
                   }
                  ],
                  "unknown_rank": false
                 },
                 "name": "y:0"
                }
               },
               "method_name": "tensorflow/serving/predict",
               "defaults": {}
              }
             }
            }
            }
            }
            """);
    assertThat(server.get("/v1/models/string/metadata").body())
        .contains("\"dim\": [],\n      \"unknown_rank\": true");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "string | \"é\\n\\u0001\",\"\" | \"é\\n\\u0001\",\"\"",
        "string | {\"b64\":\"aGk=\"} | \"hi\"",
        "half | 0.5,-2 | 0.5,-2.0",
        "uint64 | 18446744073709551615 | 18446744073709551615",
        "bool | true,false | true,false"
      })
  void carriesTheTypesThroughHttp(String model, String in, String out) {
    assertThat(
            compact(
                server.post("/v1/models/" + model + ":predict", "{\"instances\":[" + in + "]}")))
        .isEqualTo("200 {\"predictions\":[" + out + "]}");
  }

  @Test
  void refusesBodiesBeyondTheLimitAndGoesOn() {
    String large = " ".repeat(TestServer.BODY_LIMIT + 1);
    assertThat(text(server.invoke(JSON, large)))
        .isEqualTo(
            "413 {\n    \"error\": \"The request body is larger than the limit of 1048576 bytes.\"\n}");
    // Nobody said how much there would be.
    HttpResponse<String> chunked =
        server.post(
            "/invocations",
            HttpRequest.BodyPublishers.ofInputStream(
                () -> new ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8))),
            "Content-Type",
            JSON);
    assertThat(chunked.statusCode()).isEqualTo(413);
    assertThat(compact(server.invoke(JSON, "[" + " ".repeat(TestServer.BODY_LIMIT - 3) + "1]")))
        .isEqualTo("200 {\"predictions\":[[1.0]]}");
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 100, 248, 249, 260, 10_000})
  void survivesTensorsOfManyDimensions(int depth) {
    String body = "{\"inputs\":" + "[".repeat(depth) + "1" + "]".repeat(depth) + "}";
    HttpResponse<String> answer = server.post("/v1/models/half_plus_two/versions/1:predict", body);
    if (depth < 250) {
      assertThat(answer.statusCode()).isIn(200, 400, 501);
    } else {
      assertThat(text(answer)).startsWith("400").contains("Nested deeper than 250 levels.");
    }
    assertThat(server.get("/ping").statusCode()).isEqualTo(200);
  }

  @Test
  void readsChunkedBodies() {
    byte[] body =
        ("{\"instances\":[[1,1,1,1,1,1,1,1," + " ".repeat(100_000) + "1]]}")
            .getBytes(StandardCharsets.UTF_8);
    assertThat(
            compact(
                server.post(
                    "/v1/models/layer:predict",
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(body)))))
        .startsWith("200 {\"predictions\":[[0.71094");
  }

  @Test
  void answersManyConnectionsRightly() throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
      List<Callable<Integer>> clients = new ArrayList<>();
      for (int client = 0; client < 8; client++) {
        int base = client * 1000;
        clients.add(() -> {
          int right = 0;
          for (int i = 0; i < 200; i++) {
            int value = base + i;
            // Large ones are answered on other threads than small ones.
            String body = "{\"inputs\":[" + value + (i % 10 == 0 ? " ".repeat(30_000) : "") + "]}";
            String answer =
                compact(server.post("/v1/models/half_plus_two/versions/1:predict", body));
            right += answer.equals("200 {\"outputs\":[" + (value / 2.0 + 2) + "]}") ? 1 : 0;
          }
          return right;
        });
      }
      for (Future<Integer> right : executor.invokeAll(clients)) {
        assertThat(right.get()).isEqualTo(200);
      }
    }
  }

  @Test
  void refusesMoreBodiesThanItHasMemoryForAndForgetsClientsThatGoAway() throws IOException {
    List<Socket> waiting = new ArrayList<>();
    try {
      // Each announces a body that it never sends. Memory is given out when the headers are read.
      for (int i = 0; i <= TestServer.ALL_BODIES / TestServer.BODY_LIMIT; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort());
        waiting.add(socket);
        socket
            .getOutputStream()
            .write(
                ("POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        + "Content-Length: "
                        + TestServer.BODY_LIMIT
                        + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
      }
      // Which of them it is depends on the event loops; one too many is refused, the others wait.
      assertThat(firstAnswer(waiting)).startsWith("HTTP/1.1 503");
    } finally {
      for (Socket socket : waiting) {
        socket.close();
      }
    }
    // What they held comes back as the server notices.
    String large = "[" + " ".repeat(TestServer.BODY_LIMIT - 3) + "1]";
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    HttpResponse<String> answer = server.invoke(JSON, large);
    while (answer.statusCode() == 503 && System.nanoTime() < deadline) {
      answer = server.invoke(JSON, large);
    }
    assertThat(compact(answer)).isEqualTo("200 {\"predictions\":[[1.0]]}");
  }

  /** Waits until any of them is answered. */
  private static String firstAnswer(List<Socket> sockets) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() < deadline) {
      for (Socket socket : sockets) {
        if (socket.getInputStream().available() > 12) {
          return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        }
      }
      Thread.onSpinWait();
    }
    return "nothing";
  }
}
