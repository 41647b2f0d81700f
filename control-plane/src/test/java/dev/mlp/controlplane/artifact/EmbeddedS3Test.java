package dev.mlp.controlplane.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.StoreKey;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** The server by two clients that it does not know: the MinIO client and the AWS SDK. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EmbeddedS3Test {
  private static final Map<String, String> SECRETS = Map.of("key-1", "secret-1", "key-2", "other");

  @TempDir static Path folder;
  @TempDir static Path files;
  private EmbeddedS3 server;
  private S3ArtifactStore store;
  private S3Client aws;

  @BeforeAll
  void start() throws IOException {
    Files.createDirectories(folder.resolve("bucket/killed"));
    Files.writeString(folder.resolve("bucket/killed/model-" + UUID.randomUUID()), "half");
    server = start(folder);
    store = new S3ArtifactStore(server.uri(), "key-1", "secret-1", "us-east-1");
    aws = aws(AwsBasicCredentials.create("key-2", "other"));
    store.createBucket("bucket");
  }

  @AfterAll
  void stop() {
    aws.close();
    store.close();
    server.close();
  }

  private static EmbeddedS3 start(Path folder) throws IOException {
    return EmbeddedS3.start(
        folder, key -> Optional.ofNullable(SECRETS.get(key)).map(StoreKey::whole));
  }

  private S3Client aws(AwsCredentials credentials) {
    return S3Client.builder()
        .endpointOverride(server.uri())
        .region(Region.US_EAST_1)
        .forcePathStyle(true)
        .credentialsProvider(StaticCredentialsProvider.create(credentials))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  @Test
  void listensOnTheLoopbackAndTellsHowLongItsStartTook() {
    assertThat(server.uri().getHost()).isEqualTo("127.0.0.1");
    assertThat(server.startTime()).isPositive();
  }

  @Test
  void storesFindsReadsAndDeletes() throws IOException {
    S3Address address = new S3Address("bucket", "basic/a b+ü.txt");
    store.write(address, file("hello"));
    assertThat(store.find(address))
        .hasValueSatisfying(found -> {
          assertThat(found.size()).isEqualTo(5);
          assertThat(found.etag()).isEqualTo("5d41402abc4b2a76b9719d911017c592");
          assertThat(found.lastModified())
              .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
        });
    try (var in = store.read(address)) {
      assertThat(in).hasContent("hello");
    }
    assertThat(aws.getObjectAsBytes(get -> get.bucket("bucket").key(address.key())).asUtf8String())
        .isEqualTo("hello");
    store.delete(address);
    store.delete(address);
    assertThat(store.find(address)).isEmpty();
  }

  @Test
  void tellsWhichBucketsThereAre() throws IOException {
    assertThat(store.bucketExists("bucket")).isTrue();
    assertThat(store.bucketExists("none")).isFalse();
  }

  @Test
  void anEmptyFileIsAnObject() throws IOException {
    S3Address address = new S3Address("bucket", "empty");
    store.write(address, file(""));
    assertThat(store.find(address)).map(ArtifactStore.StoredObject::size).contains(0L);
  }

  @Test
  void whatIsNotThereIsToldByItsType() throws IOException {
    S3Address object = new S3Address("bucket", "nothing");
    S3Address bucket = new S3Address("no-bucket", "nothing");
    assertThat(store.find(object)).isEmpty();
    assertThat(store.find(bucket)).isEmpty();
    assertThat(store.list(new S3Address("no-bucket", ""))).isEmpty();
    assertThat(store.list(object)).isEmpty();
    assertThatThrownBy(() -> store.read(object)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> store.read(bucket)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> store.write(bucket, file("x")))
        .isInstanceOf(NoSuchFileException.class);
    store.delete(bucket);
  }

  @Test
  void listsMoreThanOnePageInKeyOrder() throws IOException {
    List<String> keys = IntStream.range(0, 1050).mapToObj("pages/%04d"::formatted).toList();
    Path one = file("x");
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (String key : keys) {
        var _ =
            threads.submit(() -> {
              store.write(new S3Address("bucket", key), one);
              return null;
            });
      }
    }
    assertThat(listed("pages/")).isEqualTo(keys);
  }

  private List<String> listed(String prefix) {
    try {
      return store.list(new S3Address("bucket", prefix)).stream()
          .map(found -> found.address().key())
          .toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void takesMultipartUploads() {
    byte[] part = new byte[5 << 20];
    String key = "multi/part.bin";
    String id =
        aws.createMultipartUpload(create ->
                create.bucket("bucket").key(key).serverSideEncryption(ServerSideEncryption.AWS_KMS))
            .uploadId();
    List<CompletedPart> parts =
        Stream.of(1, 2)
            .map(number ->
                CompletedPart.builder()
                    .partNumber(number)
                    .eTag(
                        aws.uploadPart(
                                upload ->
                                    upload
                                        .bucket("bucket")
                                        .key(key)
                                        .uploadId(id)
                                        .partNumber(number),
                                RequestBody.fromBytes(part))
                            .eTag())
                    .build())
            .toList();
    assertThat(listed("multi/")).isEmpty();
    aws.completeMultipartUpload(complete ->
        complete
            .bucket("bucket")
            .key(key)
            .uploadId(id)
            .multipartUpload(upload -> upload.parts(parts)));
    assertThat(aws.headObject(head -> head.bucket("bucket").key(key)).contentLength())
        .isEqualTo(2L * part.length);
    assertThat(listed("multi/")).containsExactly(key);
  }

  @Test
  void takesPresignedRequests() throws Exception {
    try (S3Presigner presigner =
        S3Presigner.builder()
            .endpointOverride(server.uri())
            .region(Region.US_EAST_1)
            .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("key-2", "other")))
            .build()) {
      store.write(new S3Address("bucket", "presigned"), file("signed"));
      URI url =
          presigner
              .presignGetObject(sign ->
                  sign.signatureDuration(Duration.ofMinutes(1))
                      .getObjectRequest(get -> get.bucket("bucket").key("presigned")))
              .url()
              .toURI();
      try (var in = url.toURL().openStream()) {
        assertThat(in).hasContent("signed");
      }
      HttpURLConnection tampered =
          (HttpURLConnection)
              URI.create(url.toString().replace("presigned", "presigneX")).toURL().openConnection();
      assertThat(tampered.getResponseCode()).isEqualTo(403);
    }
  }

  @Test
  void refusesWrongSecretsUnknownKeysAndUnsignedRequests() throws Exception {
    for (AwsBasicCredentials wrong :
        List.of(
            AwsBasicCredentials.create("key-1", "wrong"),
            AwsBasicCredentials.create("nobody", "secret-1"))) {
      try (S3Client client = aws(wrong);
          S3ArtifactStore other =
              new S3ArtifactStore(
                  server.uri(), wrong.accessKeyId(), wrong.secretAccessKey(), "us-east-1")) {
        assertThatThrownBy(() -> client.listBuckets())
            .isInstanceOfSatisfying(
                S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(403));
        S3Address address = new S3Address("bucket", "forbidden");
        assertThatThrownBy(() -> other.list(address)).isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> other.write(address, file("x")))
            .isInstanceOf(AccessDeniedException.class);
      }
    }
    HttpURLConnection unsigned =
        (HttpURLConnection) server.uri().resolve("/bucket").toURL().openConnection();
    assertThat(unsigned.getResponseCode()).isEqualTo(403);
  }

  @Test
  void takesTheDefaultEncryptionAndASessionTokenButNoKeyOfItsOwn() {
    try (S3Client session = aws(AwsSessionCredentials.create("key-1", "secret-1", "token"))) {
      session.putObject(
          put ->
              put.bucket("bucket")
                  .key("sourcedir.tar.gz")
                  .serverSideEncryption(ServerSideEncryption.AWS_KMS),
          RequestBody.fromString("script"));
      assertThat(
              session
                  .getObjectAsBytes(get -> get.bucket("bucket").key("sourcedir.tar.gz"))
                  .asUtf8String())
          .isEqualTo("script");
      assertThatThrownBy(() ->
              session.putObject(
                  put ->
                      put.bucket("bucket")
                          .key("secret")
                          .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                          .ssekmsKeyId("alias/mine"),
                  RequestBody.fromString("x")))
          .isInstanceOfSatisfying(S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(400))
          .hasMessageContaining("alias/mine");
      assertThat(listed("secret")).isEmpty();
    }
  }

  @Test
  void anUploadIsNotListedBeforeItIsComplete() throws Exception {
    String key = "slow/object";
    URI url;
    try (S3Presigner presigner =
        S3Presigner.builder()
            .endpointOverride(server.uri())
            .region(Region.US_EAST_1)
            .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("key-1", "secret-1")))
            .build()) {
      url =
          presigner
              .presignPutObject(sign ->
                  sign.signatureDuration(Duration.ofMinutes(1))
                      .putObjectRequest(put -> put.bucket("bucket").key(key)))
              .url()
              .toURI();
    }
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      OutputStream out = socket.getOutputStream();
      String head =
          "PUT %s?%s HTTP/1.1\r\nHost: %s\r\nContent-Length: 200000\r\nConnection: close\r\n\r\n"
              .formatted(url.getRawPath(), url.getRawQuery(), url.getAuthority());
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.write(new byte[100_000]);
      out.flush();
      Path bucket = folder.resolve("bucket/slow");
      dev.mlp.controlplane.container.Eventually.eventually(
          () -> {
            if (!Files.isDirectory(bucket)) {
              return 0L;
            }
            try (Stream<Path> entries = Files.list(bucket)) {
              return entries.count();
            }
          },
          count -> count == 1);
      assertThat(listed("slow/")).isEmpty();
      assertThat(aws.listObjectsV2(list -> list.bucket("bucket").prefix("slow/")).keyCount())
          .isZero();
      assertThat(aws.listObjects(list -> list.bucket("bucket").prefix("slow/")).contents())
          .isEmpty();
      out.write(new byte[100_000]);
      out.flush();
      assertThat(socket.getInputStream().readNBytes(15))
          .asString(StandardCharsets.US_ASCII)
          .startsWith("HTTP/1.1 200");
    }
    assertThat(listed("slow/")).containsExactly(key);
  }

  @Test
  void keysThatLookLikeTemporaryFilesAreObjectsAllTheSame() throws IOException {
    String key = "looks/like-" + UUID.randomUUID();
    store.write(new S3Address("bucket", key), file("x"));
    assertThat(listed("looks/")).containsExactly(key);
    server.sweep(Duration.ZERO, Instant.now().plusSeconds(3600));
    assertThat(listed("looks/")).containsExactly(key);
  }

  @Test
  void whatAKilledUploadLeftIsSweptAtTheStart() {
    assertThat(folder.resolve("bucket/killed")).isEmptyDirectory();
  }

  @Test
  void partsOfForgottenUploadsAreSweptByAge() throws IOException {
    String key = "forgotten/upload";
    String id = aws.createMultipartUpload(create -> create.bucket("bucket").key(key)).uploadId();
    aws.uploadPart(
        upload -> upload.bucket("bucket").key(key).uploadId(id).partNumber(1),
        RequestBody.fromBytes(new byte[1 << 20]));
    server.sweep(Duration.ofHours(24), Instant.now());
    assertThat(partsOf(id)).isNotEmpty();
    for (Path part : partsOf(id)) {
      Files.setLastModifiedTime(part, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    }
    server.sweep(Duration.ofHours(24), Instant.now());
    assertThat(partsOf(id)).isEmpty();
  }

  private List<Path> partsOf(String upload) throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("bucket"))) {
      return all.filter(Files::isRegularFile)
          .filter(path -> path.toString().contains(upload))
          .toList();
    }
  }

  @Test
  void answersForKeysThatComeAndGo() throws IOException {
    Map<String, String> secrets = new java.util.concurrent.ConcurrentHashMap<>();
    try (EmbeddedS3 other =
            EmbeddedS3.start(
                files.resolve("other"),
                key -> Optional.ofNullable(secrets.get(key)).map(StoreKey::whole));
        S3ArtifactStore client =
            new S3ArtifactStore(other.uri(), "late", "late-secret", "eu-central-1")) {
      assertThatThrownBy(() -> client.createBucket("later"))
          .isInstanceOf(AccessDeniedException.class);
      secrets.put("late", "late-secret");
      client.createBucket("later");
      client.createBucket("later");
      assertThat(client.list(new S3Address("later", ""))).isEmpty();
    }
  }

  @Test
  void makesNothingPublic() throws Exception {
    store.write(new S3Address("bucket", "private"), file("x"));
    HttpURLConnection unsigned =
        (HttpURLConnection) server.uri().resolve("/bucket/private").toURL().openConnection();
    assertThat(unsigned.getResponseCode()).isEqualTo(403);
  }

  @Test
  void theSdkMakesBuckets() {
    aws.createBucket(create -> create.bucket("made-by-aws"));
    assertThat(aws.listBuckets().buckets()).anyMatch(made -> made.name().equals("made-by-aws"));
  }

  @Test
  void listsFoldersOnce() {
    aws.putObject(put -> put.bucket("bucket").key("tree/a/1"), RequestBody.fromString("x"));
    aws.putObject(put -> put.bucket("bucket").key("tree/b/2"), RequestBody.fromString("x"));
    assertThat(
            aws.listObjectsV2(list -> list.bucket("bucket").prefix("tree/").delimiter("/"))
                .commonPrefixes())
        .extracting(prefix -> prefix.prefix())
        .containsExactly("tree/a/", "tree/b/");
    assertThat(aws.listObjectsV2(list -> list.bucket("bucket").prefix("tree/")).contents())
        .extracting(S3Object::key)
        .containsExactly("tree/a/1", "tree/b/2");
  }

  @Test
  void anUnreachableStoreIsAnErrorThatMayPass() {
    try (S3ArtifactStore nowhere =
        new S3ArtifactStore(URI.create("http://127.0.0.1:1"), "key-1", "secret-1", "us-east-1")) {
      S3Address address = new S3Address("bucket", "x");
      assertThatThrownBy(() -> nowhere.find(address))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(java.nio.file.FileSystemException.class);
      assertThatThrownBy(() -> nowhere.write(address, file("x")))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(java.nio.file.FileSystemException.class);
    }
  }

  private Path file(String text) throws IOException {
    return Files.writeString(Files.createTempFile(files, "upload", ""), text);
  }
}
