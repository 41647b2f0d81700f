package dev.mlp.controlplane.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.StoreKey;
import dev.mlp.controlplane.artifact.EmbeddedS3;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The whole way of an object: an unmodified client, the front, the embedded store. */
final class UploadsTest {
  private static final int UPLOADS = 300;
  private static final int CLIENTS = 3;

  @TempDir Path folder;
  private final Map<String, String> secrets = new ConcurrentHashMap<>();

  @Test
  void uploadsOfManySizesAllArriveWhole() throws Exception {
    try (EmbeddedS3 store = start();
        Front front = front(store);
        S3Client s3 = front.client(S3Client.builder().forcePathStyle(true));
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      secrets.put(front.admin().id(), front.admin().secret());
      s3.createBucket(r -> r.bucket("uploads"));
      List<Future<?>> clients = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        int first = client;
        clients.add(
            threads.submit(() -> {
              for (int i = first; i < UPLOADS; i += CLIENTS) {
                upload(s3, "object-" + i, i);
              }
            }));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
  }

  private static void upload(S3Client s3, String key, int seed) {
    Random random = new Random(seed);
    // From nothing over the sizes of the buffers on the way to more than all of them hold.
    byte[] bytes = new byte[random.nextInt(1 << random.nextInt(1, 22))];
    random.nextBytes(bytes);
    s3.putObject(r -> r.bucket("uploads").key(key), RequestBody.fromBytes(bytes));
    byte[] back = s3.getObjectAsBytes(r -> r.bucket("uploads").key(key)).asByteArray();
    assertThat(back).as(key).isEqualTo(bytes);
  }

  @Test
  void nothingIsDoneForARequestThatOnlyLooksSigned() throws Exception {
    try (EmbeddedS3 store = start();
        Front front = front(store);
        S3Client s3 = front.client(S3Client.builder().forcePathStyle(true))) {
      secrets.put(front.admin().id(), front.admin().secret());
      s3.createBucket(r -> r.bucket("bucket"));
      s3.putObject(r -> r.bucket("bucket").key("key"), RequestBody.fromString("secret"));
      String id = front.admin().id();
      String form =
          """
          --x\r
          Content-Disposition: form-data; name="key"\r
          \r
          key\r
          --x\r
          Content-Disposition: form-data; name="file"\r
          \r
          broken\r
          --x--\r
          """;
      for (String query :
          List.of(
              "AWSAccessKeyId=" + id,
              "AWSAccessKeyId=" + id + "&Expires=9999999999",
              "X-Amz-Credential=" + id + "%2F20260101%2Feu-central-1%2Fs3%2Faws4_request")) {
        for (String path : List.of("/bucket/key", "/bucket", "/", "/bucket?list-type=2")) {
          for (String method : List.of("GET", "PUT", "DELETE", "POST")) {
            HttpRequest request =
                HttpRequest.newBuilder(
                        front.uri().resolve(path + (path.contains("?") ? "&" : "?") + query))
                    .header("Content-Type", "multipart/form-data; boundary=x")
                    .method(
                        method,
                        method.startsWith("P")
                            ? BodyPublishers.ofString(form)
                            : BodyPublishers.noBody())
                    .build();
            assertThat(front.send(request).statusCode())
                .as(method + " " + request.uri())
                .isBetween(400, 501);
          }
        }
      }
      HttpRequest header =
          HttpRequest.newBuilder(front.uri().resolve("/bucket/key"))
              .header(
                  "Authorization",
                  "AWS4-HMAC-SHA256 Credential=%s/20260101/eu-central-1/s3/aws4_request,"
                          .formatted(id)
                      + " SignedHeaders=host, Signature="
                      + "0".repeat(64))
              .build();
      assertThat(front.send(header).statusCode()).isBetween(400, 499);
      assertThat(s3.getObjectAsBytes(r -> r.bucket("bucket").key("key")).asUtf8String())
          .isEqualTo("secret");
      assertThatThrownBy(() -> s3.headObject(r -> r.bucket("bucket").key("other")))
          .isInstanceOf(S3Exception.class);
    }
  }

  private EmbeddedS3 start() throws Exception {
    return EmbeddedS3.start(
        folder, id -> Optional.ofNullable(secrets.get(id)).map(StoreKey::whole));
  }

  private static Front front(EmbeddedS3 store) {
    return new Front(Function.identity(), Optional.of(store.uri()), Front::echo);
  }
}
