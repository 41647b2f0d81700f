package dev.mlp.controlplane.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What no client may ask for; the rest is in {@link EmbeddedS3Test}, over the wire. */
final class FileObjectsTest {
  @TempDir Path folder;
  private FileObjects objects;

  @BeforeEach
  void open() {
    objects = new FileObjects(new FilesystemNio2BlobStore(folder.toString()));
    objects.createContainer("bucket");
  }

  @Test
  void everythingIsPrivateWhateverTheFilesPermissions() {
    put(PutObjectRequest.builder().bucket("bucket").key("a").build());
    assertThat(objects.getContainerAccess("bucket")).isEqualTo(BucketCannedACL.PRIVATE);
    assertThat(objects.getBlobAccess("bucket", "a")).isEqualTo(ObjectCannedACL.PRIVATE);
  }

  @Test
  void refusesPublicAccess() {
    put(PutObjectRequest.builder().bucket("bucket").key("a").build());
    assertRefused(() ->
        objects.createContainer(
            CreateBucketRequest.builder()
                .bucket("open")
                .acl(BucketCannedACL.PUBLIC_READ_WRITE)
                .build()));
    assertThat(folder.resolve("open")).doesNotExist();
    assertRefused(() -> objects.setContainerAccess("bucket", BucketCannedACL.PUBLIC_READ));
    assertRefused(() -> objects.setBlobAccess("bucket", "a", ObjectCannedACL.PUBLIC_READ));
    assertRefused(() ->
        put(
            PutObjectRequest.builder()
                .bucket("bucket")
                .key("b")
                .acl(ObjectCannedACL.PUBLIC_READ)
                .build()));
    assertThat(folder.resolve("bucket/b")).doesNotExist();
  }

  @Test
  void refusesAKeyOfItsOwnForEncryption() {
    assertRefused(() ->
        put(
            PutObjectRequest.builder()
                .bucket("bucket")
                .key("b")
                .serverSideEncryption("aws:kms")
                .ssekmsKeyId("alias/mine")
                .build()));
  }

  private void put(PutObjectRequest request) {
    byte[] content = "x".getBytes(StandardCharsets.UTF_8);
    objects.putBlob(
        request.toBuilder().contentLength((long) content.length).build(),
        new ByteArrayInputStream(content));
  }

  private static void assertRefused(ThrowingCallable act) {
    assertThatThrownBy(act)
        .isInstanceOfSatisfying(S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(400));
  }
}
