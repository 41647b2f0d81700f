package dev.mlp.inference.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models that others trained and exported. They are not part of the project: skipped without them.
 */
class RealModelsTest {
  private static final Path DATA =
      Path.of(
          System.getenv()
              .getOrDefault(
                  "MLP_TEST_DATA", System.getProperty("mlp.home", "..") + "/../shared/data"));

  @TempDir private Path root;

  private static Path require(String name) {
    Path path = DATA.resolve(name);
    assumeTrue(Files.exists(path), () -> path + " is not there; set MLP_TEST_DATA");
    return path;
  }

  private static String compact(HttpResponse<String> response) {
    return response.statusCode() + " " + response.body().replaceAll("\\s", "");
  }

  @Test
  void answersTensorFlowServingsOwnTestModel() throws IOException {
    copy(require("saved_model_half_plus_two"), root.resolve("half_plus_two"));
    try (TestServer server = new TestServer(root, "")) {
      assertThat(
              compact(
                  server.post(
                      "/v1/models/half_plus_two:predict", "{\"instances\": [1.0, 2.0, 5.0]}")))
          .isEqualTo("200 {\"predictions\":[2.5,3.0,4.5]}");
      assertThat(
              compact(
                  server.post(
                      "/v1/models/half_plus_two/versions/123:predict",
                      "{\"instances\": [[1.0, 2.0], [3.0, 4.0]]}")))
          .isEqualTo("200 {\"predictions\":[[2.5,3.0],[3.5,4.0]]}");
      assertThat(
              compact(
                  server.post(
                      "/v1/models/half_plus_two:predict",
                      "{\"signature_name\": \"serving_default\", \"inputs\": [3.0, 4.0]}")))
          .isEqualTo("200 {\"outputs\":[3.5,4.0]}");
      assertThat(server.get("/v1/models/half_plus_two/metadata").body())
          .contains("\"regress_x_to_y\"", "\"tensorflow/serving/classify\"");
      assertThat(
              server
                  .post(
                      "/v1/models/half_plus_two:predict",
                      "{\"signature_name\":\"regress_x_to_y\",\"instances\":[{\"b64\":\"AA==\"}]}")
                  .body())
          .contains("Could not parse example input");
    }
  }

  @Test
  void answersTheKerasModelOfTheTitanicTutorial() throws IOException {
    unzip(require("titanic_model_keras.zip"), root);
    // The archive has no version folder: whoever deploys it puts it below one.
    Files.createDirectories(root.resolve("titanic"));
    Files.move(root.resolve("titanic_model"), root.resolve("titanic/1"));
    try (TestServer server = new TestServer(root, "")) {
      String woman = "[1,1,30,0,0,80]";
      String man = "[3,0,30,0,0,8]";
      HttpResponse<String> answer =
          server.invoke("application/json", "{\"instances\":[" + woman + "," + man + "]}");
      assertThat(compact(answer))
          .matches("200 \\{\"predictions\":\\[\\[1(\\.0)?\\],\\[0(\\.0)?\\]\\]\\}");
      assertThat(compact(server.invoke("text/csv", "1,1,30,0,0,80\n3,0,30,0,0,8\n")))
          .isEqualTo(compact(answer));
      assertThat(server.invoke("application/json", "{\"instances\":[[1,1,30]]}").statusCode())
          .isEqualTo(400);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static void unzip(Path zip, Path to) throws IOException {
    try (InputStream in = Files.newInputStream(zip);
        ZipInputStream entries = new ZipInputStream(in)) {
      for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        Path target = to.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(entries, target);
        }
      }
    }
  }
}
