package dev.mlp.controlplane.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.StoreKey;
import dev.mlp.controlplane.access.StoreScope;
import dev.mlp.controlplane.access.StoreScope.Area;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.ServerSideEncryptionByDefault;
import software.amazon.awssdk.services.s3.model.ServerSideEncryptionRule;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** A real store, a real client, and a key that reads two places and writes one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ScopedObjectsTest {
  private static final StoreScope SCOPE =
      new StoreScope(
          List.of(Area.prefix("data", "in/train"), Area.object("data", "code/source.tar.gz")),
          List.of(Area.prefix("data", "out/job/")));

  @TempDir static Path folder;
  private final Map<String, StoreKey> keys = new ConcurrentHashMap<>();
  private EmbeddedS3 server;
  private S3Client owner;
  private S3Client instance;

  @BeforeAll
  void start() throws IOException {
    keys.put("owner", StoreKey.whole("owner-secret"));
    keys.put("instance", StoreKey.of("instance-secret", SCOPE));
    server = EmbeddedS3.start(folder, id -> Optional.ofNullable(keys.get(id)));
    owner = client("owner", "owner-secret");
    instance = client("instance", "instance-secret");
    owner.createBucket(b -> b.bucket("data"));
    owner.createBucket(b -> b.bucket("other"));
    put(owner, "in/train/a.csv", "a,b");
    put(owner, "in/train-1.csv", "c,d");
    put(owner, "in/test/b.csv", "hidden");
    put(owner, "code/source.tar.gz", "code");
    put(owner, "secret/of-others", "secret");
    put(owner, "out/job-2/model", "another job's");
    owner.putObject(
        p -> p.bucket("other").key("in/train/a.csv"), RequestBody.fromString("other bucket"));
  }

  @AfterAll
  void stop() {
    instance.close();
    owner.close();
    server.close();
  }

  private S3Client client(String id, String secret) {
    return S3Client.builder()
        .endpointOverride(server.uri())
        .region(Region.US_EAST_1)
        .forcePathStyle(true)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(id, secret)))
        .httpClient(UrlConnectionHttpClient.create())
        // The server may close a kept connection at the moment that it is used again.
        .overrideConfiguration(o -> o.retryStrategy(RetryMode.STANDARD))
        .build();
  }

  private static void put(S3Client client, String key, String text) {
    client.putObject(p -> p.bucket("data").key(key), RequestBody.fromString(text));
  }

  private static String get(S3Client client, String key) {
    return client.getObjectAsBytes(g -> g.bucket("data").key(key)).asUtf8String();
  }

  private static List<String> names(ListObjectsV2Response page) {
    return page.contents().stream().map(S3Object::key).toList();
  }

  private static void assertDenied(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            S3Exception.class,
            e -> {
              assertThat(e.statusCode()).isEqualTo(403);
              // HEAD has no body to say more in.
              if (e.awsErrorDetails().errorCode() != null) {
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo("AccessDenied");
              }
            });
  }

  @Test
  void readsAndListsItsInputs() {
    assertThat(get(instance, "in/train/a.csv")).isEqualTo("a,b");
    assertThat(get(instance, "in/train-1.csv")).isEqualTo("c,d");
    assertThat(get(instance, "code/source.tar.gz")).isEqualTo("code");
    assertThat(
            instance
                .getObjectAsBytes(g -> g.bucket("data").key("in/train/a.csv").range("bytes=2-2"))
                .asUtf8String())
        .isEqualTo("b");
    assertThat(instance.headObject(h -> h.bucket("data").key("in/train/a.csv")).contentLength())
        .isEqualTo(3);
    assertThat(names(instance.listObjectsV2(l -> l.bucket("data").prefix("in/train"))))
        .containsExactly("in/train-1.csv", "in/train/a.csv");
    assertThat(
            instance.listObjects(l -> l.bucket("data").prefix("in/train/")).contents().getFirst())
        .extracting(S3Object::key)
        .isEqualTo("in/train/a.csv");
    assertThat(
            instance
                .listObjectsV2(l -> l.bucket("data").prefix("in/train").delimiter("/"))
                .commonPrefixes())
        .extracting(prefix -> prefix.prefix())
        .containsExactly("in/train/");
    assertThatThrownBy(() -> get(instance, "in/train/none")).isInstanceOf(NoSuchKeyException.class);
  }

  @Test
  void writesReadsListsAndDeletesItsOutputs() {
    put(instance, "out/job/output/model", "model");
    assertThat(get(instance, "out/job/output/model")).isEqualTo("model");
    assertThat(get(owner, "out/job/output/model")).isEqualTo("model");
    assertThat(names(instance.listObjectsV2(l -> l.bucket("data").prefix("out/job/output/"))))
        .containsExactly("out/job/output/model");
    instance.copyObject(c ->
        c.sourceBucket("data")
            .sourceKey("in/train/a.csv")
            .destinationBucket("data")
            .destinationKey("out/job/output/copy"));
    assertThat(get(instance, "out/job/output/copy")).isEqualTo("a,b");
    instance.deleteObject(d -> d.bucket("data").key("out/job/output/model"));
    instance.deleteObjects(d ->
        d.bucket("data")
            .delete(
                Delete.builder()
                    .objects(ObjectIdentifier.builder().key("out/job/output/copy").build())
                    .build()));
    assertThat(names(owner.listObjectsV2(l -> l.bucket("data").prefix("out/job/output/"))))
        .isEmpty();
  }

  @Test
  void uploadsInPartsToItsOutputs() {
    byte[] part = new byte[5 << 20];
    String key = "out/job/multi/large";
    String id = instance.createMultipartUpload(c -> c.bucket("data").key(key)).uploadId();
    String first =
        instance
            .uploadPart(
                u -> u.bucket("data").key(key).uploadId(id).partNumber(1),
                RequestBody.fromBytes(part))
            .eTag();
    String second =
        instance
            .uploadPartCopy(u ->
                u.sourceBucket("data")
                    .sourceKey("in/train/a.csv")
                    .destinationBucket("data")
                    .destinationKey(key)
                    .uploadId(id)
                    .partNumber(2))
            .copyPartResult()
            .eTag();
    assertThat(instance.listParts(l -> l.bucket("data").key(key).uploadId(id)).parts()).hasSize(2);
    assertThat(instance.listMultipartUploads(l -> l.bucket("data")).uploads())
        .anyMatch(upload -> upload.key().equals(key));
    instance.completeMultipartUpload(c ->
        c.bucket("data")
            .key(key)
            .uploadId(id)
            .multipartUpload(m ->
                m.parts(
                    CompletedPart.builder().partNumber(1).eTag(first).build(),
                    CompletedPart.builder().partNumber(2).eTag(second).build())));
    assertThat(owner.headObject(h -> h.bucket("data").key(key)).contentLength())
        .isEqualTo((5L << 20) + 3);
    String aborted = instance.createMultipartUpload(c -> c.bucket("data").key(key)).uploadId();
    instance.abortMultipartUpload(a -> a.bucket("data").key(key).uploadId(aborted));
  }

  @Test
  void seesNoUploadsButItsOwn() {
    owner.createMultipartUpload(c -> c.bucket("data").key("secret/upload"));
    owner.createMultipartUpload(c -> c.bucket("data").key("in/train/upload"));
    assertThat(instance.listMultipartUploads(l -> l.bucket("data")).uploads())
        .noneMatch(upload -> upload.key().endsWith("/upload"));
    assertDenied(() -> instance.listMultipartUploads(l -> l.bucket("other")));
  }

  @Test
  void knowsTheBucketsOfItsScope() {
    instance.headBucket(h -> h.bucket("data"));
    assertThat(instance.getBucketLocation(g -> g.bucket("data"))).isNotNull();
    assertDenied(() -> instance.headBucket(h -> h.bucket("other")));
    assertDenied(() -> instance.headBucket(h -> h.bucket("none")));
  }

  /** Everything that it may not do, each by name; then nothing of the others' has changed. */
  @TestFactory
  Stream<DynamicTest> isRefusedEverythingElse() {
    String upload =
        owner.createMultipartUpload(c -> c.bucket("data").key("secret/parts")).uploadId();
    Map<String, Consumer<S3Client>> calls = new LinkedHashMap<>();
    calls.put("list buckets", S3Client::listBuckets);
    calls.put("create a bucket", s3 -> s3.createBucket(b -> b.bucket("mine")));
    calls.put("create its bucket", s3 -> s3.createBucket(b -> b.bucket("data")));
    calls.put("delete a bucket", s3 -> s3.deleteBucket(b -> b.bucket("data")));
    calls.put("read the bucket's ACL", s3 -> s3.getBucketAcl(b -> b.bucket("data")));
    calls.put(
        "write the bucket's ACL", s3 -> s3.putBucketAcl(b -> b.bucket("data").acl("private")));
    calls.put("list all", s3 -> s3.listObjectsV2(l -> l.bucket("data")));
    calls.put("list all in the old way", s3 -> s3.listObjects(l -> l.bucket("data")));
    calls.put("list above its inputs", s3 -> s3.listObjectsV2(l -> l.bucket("data").prefix("in/")));
    calls.put(
        "list what an object is called",
        s3 -> s3.listObjectsV2(l -> l.bucket("data").prefix("code/source.tar.gz")));
    calls.put(
        "list out of its outputs",
        s3 -> s3.listObjectsV2(l -> l.bucket("data").prefix("out/job/../../secret/")));
    calls.put(
        "list another bucket", s3 -> s3.listObjectsV2(l -> l.bucket("other").prefix("in/train")));
    for (String key :
        List.of(
            "secret/of-others",
            "in/test/b.csv",
            "out/job-2/model",
            "code/source.tar.gz.bak",
            "out/job/../../secret/of-others",
            "in/train/../../secret/of-others",
            "none")) {
      calls.put("get " + key, s3 -> get(s3, key));
      calls.put("head " + key, s3 -> s3.headObject(h -> h.bucket("data").key(key)));
      calls.put("read the ACL of " + key, s3 -> s3.getObjectAcl(g -> g.bucket("data").key(key)));
      calls.put(
          "copy " + key,
          s3 ->
              s3.copyObject(c ->
                  c.sourceBucket("data")
                      .sourceKey(key)
                      .destinationBucket("data")
                      .destinationKey("out/job/stolen")));
    }
    calls.put(
        "get of another bucket",
        s3 -> s3.getObjectAsBytes(g -> g.bucket("other").key("in/train/a.csv")));
    for (String key :
        List.of(
            "secret/of-others",
            "in/train/a.csv",
            "code/source.tar.gz",
            "out/job-2/model",
            "out/job",
            "out/job/../../secret/of-others")) {
      calls.put("put " + key, s3 -> put(s3, key, "broken"));
      calls.put("put much to " + key, s3 -> put(s3, key, "x".repeat(1 << 20)));
      calls.put("delete " + key, s3 -> s3.deleteObject(d -> d.bucket("data").key(key)));
      calls.put(
          "write the ACL of " + key,
          s3 -> s3.putObjectAcl(p -> p.bucket("data").key(key).acl(ObjectCannedACL.PRIVATE)));
      calls.put(
          "copy to " + key,
          s3 ->
              s3.copyObject(c ->
                  c.sourceBucket("data")
                      .sourceKey("in/train-1.csv")
                      .destinationBucket("data")
                      .destinationKey(key)));
      calls.put(
          "begin an upload to " + key,
          s3 -> s3.createMultipartUpload(c -> c.bucket("data").key(key)));
    }
    calls.put(
        "put to another bucket",
        s3 -> s3.putObject(p -> p.bucket("other").key("out/job/x"), RequestBody.fromString("x")));
    calls.put(
        "list the parts of another's",
        s3 -> s3.listParts(l -> l.bucket("data").key("secret/parts").uploadId(upload)));
    calls.put(
        "abort another's upload",
        s3 -> s3.abortMultipartUpload(a -> a.bucket("data").key("secret/parts").uploadId(upload)));
    calls.put(
        "complete another's upload",
        s3 ->
            s3.completeMultipartUpload(c ->
                c.bucket("data")
                    .key("secret/parts")
                    .uploadId(upload)
                    .multipartUpload(
                        m -> m.parts(CompletedPart.builder().partNumber(1).eTag("e").build()))));
    Stream<DynamicTest> refused =
        calls.entrySet().stream()
            .map(call ->
                DynamicTest.dynamicTest(
                    call.getKey(), () -> assertDenied(() -> call.getValue().accept(instance))));
    return Stream.concat(
        refused,
        Stream.of(
            DynamicTest.dynamicTest(
                "and nothing has happened",
                () -> {
                  assertThat(get(owner, "secret/of-others")).isEqualTo("secret");
                  assertThat(get(owner, "in/train/a.csv")).isEqualTo("a,b");
                  assertThat(get(owner, "code/source.tar.gz")).isEqualTo("code");
                  assertThat(get(owner, "out/job-2/model")).isEqualTo("another job's");
                  assertThat(owner.listBuckets().buckets())
                      .extracting(bucket -> bucket.name())
                      .containsExactlyInAnyOrder("data", "other");
                  assertThat(names(owner.listObjectsV2(l -> l.bucket("other"))))
                      .containsExactly("in/train/a.csv");
                })));
  }

  /**
   * This store has neither; were it to learn them, a key of an instance would have no use for it.
   */
  @Test
  void changesNoSettingThatTheStoreDoesNotHave() {
    Map<String, Consumer<S3Client>> calls = new LinkedHashMap<>();
    calls.put("list versions", s3 -> s3.listObjectVersions(l -> l.bucket("data")));
    calls.put(
        "write versioning",
        s3 ->
            s3.putBucketVersioning(b ->
                b.bucket("data")
                    .versioningConfiguration(v -> v.status(BucketVersioningStatus.ENABLED))));
    calls.put(
        "write the encryption",
        s3 ->
            s3.putBucketEncryption(b ->
                b.bucket("data")
                    .serverSideEncryptionConfiguration(c ->
                        c.rules(
                            ServerSideEncryptionRule.builder()
                                .applyServerSideEncryptionByDefault(
                                    ServerSideEncryptionByDefault.builder()
                                        .sseAlgorithm("AES256")
                                        .build())
                                .build()))));
    calls.put("delete the encryption", s3 -> s3.deleteBucketEncryption(b -> b.bucket("data")));
    calls.forEach((name, call) ->
        assertThatThrownBy(() -> call.accept(instance))
            .as(name)
            .isInstanceOfSatisfying(
                S3Exception.class, e -> assertThat(e.statusCode()).isIn(403, 501)));
  }

  @Test
  void aRefusalSaysWhatTheKeyIsFor() {
    assertThatThrownBy(() -> get(instance, "secret/of-others"))
        .hasMessageContaining("an instance's own")
        .hasMessageContaining("may not read s3://data/secret/of-others");
  }

  @Test
  void ofManyDeletesEachIsCheckedByItself() {
    put(instance, "out/job/deletes/mine", "x");
    DeleteObjectsResponse answer =
        instance.deleteObjects(d ->
            d.bucket("data")
                .delete(
                    Delete.builder()
                        .objects(
                            ObjectIdentifier.builder().key("out/job/deletes/mine").build(),
                            ObjectIdentifier.builder().key("secret/of-others").build())
                        .build()));
    assertThat(answer.deleted()).extracting(d -> d.key()).containsExactly("out/job/deletes/mine");
    assertThat(answer.errors())
        .extracting(S3Error::key, S3Error::code)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("secret/of-others", "AccessDenied"));
    assertThat(get(owner, "secret/of-others")).isEqualTo("secret");
  }

  @Test
  void anUploadIdIsNoWayOutOfTheFolder() throws IOException {
    for (String id : List.of("x/../../../../secret/of", "../x", "x/y")) {
      assertThatThrownBy(() ->
              instance.uploadPart(
                  u -> u.bucket("data").key("out/job/x").uploadId(id).partNumber(1),
                  RequestBody.fromString("x")))
          .as(id)
          .isInstanceOf(SdkException.class); // the server may hang up before the body is read
    }
    String others =
        owner.createMultipartUpload(c -> c.bucket("data").key("secret/of-part")).uploadId();
    assertThatThrownBy(() ->
            instance.uploadPart(
                u -> u.bucket("data").key("secret/of-part").uploadId(others).partNumber(1),
                RequestBody.fromString("x")))
        .isInstanceOf(SdkException.class);
    assertThat(
            owner.listParts(l -> l.bucket("data").key("secret/of-part").uploadId(others)).parts())
        .isEmpty();
    try (Stream<Path> files = Files.list(folder.resolve("data/secret"))) {
      assertThat(files).containsExactly(folder.resolve("data/secret/of-others"));
    }
  }

  @Test
  void whatTheServerKeepsOfUploadsIsNotForClients() {
    String id = instance.createMultipartUpload(c -> c.bucket("data").key("out/job/u")).uploadId();
    String record = ".s3proxy-mpu-stub-" + id;
    for (S3Client client : List.of(instance, owner)) {
      assertThatThrownBy(() -> get(client, record)).isInstanceOf(S3Exception.class);
      assertThatThrownBy(() -> put(client, record, "x")).isInstanceOf(SdkException.class);
      assertThatThrownBy(() ->
              client.copyObject(c ->
                  c.sourceBucket("data")
                      .sourceKey(record)
                      .destinationBucket("data")
                      .destinationKey("out/job/copied")))
          .isInstanceOf(S3Exception.class);
    }
    instance.abortMultipartUpload(a -> a.bucket("data").key("out/job/u").uploadId(id));
  }

  @Test
  void presignedUrlsReachAsFarAsTheKey() throws Exception {
    assertThat(status(presigned("in/train/a.csv"))).isEqualTo(200);
    assertThat(status(presigned("secret/of-others"))).isEqualTo(403);
  }

  private URL presigned(String key) {
    try (S3Presigner presigner =
        S3Presigner.builder()
            .endpointOverride(server.uri())
            .region(Region.US_EAST_1)
            .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create("instance", "instance-secret")))
            .build()) {
      return presigner
          .presignGetObject(p ->
              p.signatureDuration(Duration.ofMinutes(1))
                  .getObjectRequest(g -> g.bucket("data").key(key)))
          .url();
    }
  }

  private static int status(URL url) throws Exception {
    return ((HttpURLConnection) URI.create(url.toString()).toURL().openConnection())
        .getResponseCode();
  }

  @Test
  void aKeyThatIsTakenAwayIsUnknownAtOnce() {
    keys.put("short", StoreKey.of("short-secret", SCOPE));
    try (S3Client client = client("short", "short-secret")) {
      assertThat(get(client, "in/train/a.csv")).isEqualTo("a,b");
      keys.remove("short");
      assertThatThrownBy(() -> get(client, "in/train/a.csv"))
          .isInstanceOfSatisfying(
              S3Exception.class,
              e -> {
                assertThat(e.statusCode()).isEqualTo(403);
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo("InvalidAccessKeyId");
              });
    }
  }

  @Test
  void aKeyToNothingOpensNothing() {
    keys.put("nothing", StoreKey.of("nothing-secret", StoreScope.NOTHING));
    try (S3Client client = client("nothing", "nothing-secret")) {
      assertDenied(() -> get(client, "in/train/a.csv"));
      assertDenied(() -> client.listObjectsV2(l -> l.bucket("data").prefix("in/train")));
      assertDenied(() -> client.headBucket(h -> h.bucket("data")));
    }
  }

  /** A newer store may bring operations that would go past the checks. */
  @Test
  void everyOperationOfTheStoreIsCheckedHereOrGoesThroughOneThatIs() {
    Set<String> harmless =
        Set.of(
            "close()",
            "getMinimumMultipartPartSize()",
            "supportsBucketEncryption()",
            "supportsCopyMultipartPart()",
            "supportsServerSideEncryption()",
            "supportsVersioning()");
    Set<String> built =
        Set.of(
            "blobMetadata(String, String)",
            "blobMetadataIfPresent(HeadObjectRequest)",
            "blobMetadataIfPresent(String, String)",
            "containerExists(String)",
            "copyMultipartPart(MultipartUpload, UploadPartCopyRequest)",
            "createContainer(String)",
            "deleteBucketEncryption(String)",
            "getBlob(String, String)",
            "getBucketEncryption(String)",
            "getBucketVersioning(String)",
            "list(ListBucketsRequest)",
            "list(String)",
            "listV1(ListObjectsRequest)",
            "putBucketEncryption(String, ServerSideEncryptionConfiguration)",
            "putBucketVersioning(String, BucketVersioningStatus)",
            "removeBlob(String, String)",
            "removeBlob(String, String, String)",
            "removeBlobs(DeleteObjectsRequest)");
    List<String> checked =
        Arrays.stream(ScopedObjects.class.getDeclaredMethods())
            .filter(method -> Modifier.isPublic(method.getModifiers()))
            .map(ScopedObjectsTest::signature)
            .toList();
    List<String> all =
        Arrays.stream(BlobStore.class.getMethods())
            .filter(method -> !Modifier.isStatic(method.getModifiers()))
            .map(ScopedObjectsTest::signature)
            .distinct()
            .filter(signature -> !harmless.contains(signature) && !built.contains(signature))
            .toList();
    assertThat(all).isNotEmpty();
    assertThat(checked).containsAll(all);
    // What is built on others must stay so: nobody on the way may have a version of its own.
    assertThat(
            Arrays.stream(org.gaul.s3proxy.blobstore.ForwardingBlobStore.class.getDeclaredMethods())
                .map(ScopedObjectsTest::signature))
        .doesNotContainAnyElementsOf(built);
  }

  private static String signature(Method method) {
    return method.getName()
        + Arrays.stream(method.getParameterTypes())
            .map(Class::getSimpleName)
            .toList()
            .toString()
            .replace('[', '(')
            .replace(']', ')');
  }
}
