package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.CreateBucketResponse;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * The file store with three corrections.
 *
 * <p>It writes an upload to a file beside the object's, which its own listing shows as an object;
 * here it is left out. And it refuses {@code x-amz-server-side-encryption: aws:kms}, which the
 * SageMaker SDK sends with every script; the header without a key asks for the account's default,
 * which here is the disk's own encryption or none, and is taken. A key named by its id is refused.
 *
 * <p>And it takes a file that every user of the machine may read for one that the whole world may
 * read, unsigned. Here nothing is public, and asking for it is refused.
 */
final class FileObjects extends ForwardingBlobStore {
  private static final Logger logger = LoggerFactory.getLogger(FileObjects.class);

  private record Target(String bucket, String key) {}

  private record Writers(int count, Instant since) {}

  /** Objects that are being written: their temporary files may look finished for a moment. */
  private final Map<Target, Writers> writing = new ConcurrentHashMap<>();

  FileObjects(BlobStore files) {
    super(files);
  }

  @Override
  public boolean supportsServerSideEncryption() {
    return true;
  }

  @Override
  public ListObjectsV2Response list(ListObjectsV2Request request) {
    ListObjectsV2Response page = super.list(request);
    List<S3Object> finished =
        page.contents().stream().filter(object -> !isUnfinished(request.bucket(), object)).toList();
    return finished.size() == page.contents().size()
        ? page
        : page.toBuilder()
            .contents(finished)
            .keyCount(finished.size() + page.commonPrefixes().size())
            .build();
  }

  private boolean isUnfinished(String bucket, S3Object object) {
    if (!UnfinishedUploads.isTemporaryName(object.key())) {
      return false;
    }
    if (object.eTag() == null) {
      return true;
    }
    Writers writers =
        writing.get(new Target(bucket, UnfinishedUploads.withoutSuffix(object.key())));
    return writers != null && !object.lastModified().isBefore(writers.since());
  }

  @Override
  public PutObjectResponse putBlob(PutObjectRequest request, InputStream content) {
    try {
      checkEncryption(request.serverSideEncryptionAsString(), request.ssekmsKeyId());
      checkPrivate(request.aclAsString());
    } catch (S3Exception e) {
      // A connection that is closed on a client which still sends takes the answer with it.
      drain(content);
      throw e;
    }
    PutObjectRequest plain =
        request.toBuilder()
            .serverSideEncryption((ServerSideEncryption) null)
            .ssekmsEncryptionContext(null)
            .bucketKeyEnabled(null)
            .build();
    return tracked(
        new Target(request.bucket(), request.key()), () -> super.putBlob(plain, content));
  }

  @Override
  public CopyObjectResponse copyBlob(CopyObjectRequest request) {
    checkEncryption(request.serverSideEncryptionAsString(), request.ssekmsKeyId());
    checkPrivate(request.aclAsString());
    CopyObjectRequest plain =
        request.toBuilder()
            .serverSideEncryption((ServerSideEncryption) null)
            .ssekmsEncryptionContext(null)
            .bucketKeyEnabled(null)
            .build();
    return tracked(
        new Target(request.destinationBucket(), request.destinationKey()),
        () -> super.copyBlob(plain));
  }

  @Override
  public MultipartUpload initiateMultipartUpload(CreateMultipartUploadRequest request) {
    checkEncryption(request.serverSideEncryptionAsString(), request.ssekmsKeyId());
    checkPrivate(request.aclAsString());
    return super.initiateMultipartUpload(
        request.toBuilder()
            .serverSideEncryption((ServerSideEncryption) null)
            .ssekmsEncryptionContext(null)
            .bucketKeyEnabled(null)
            .build());
  }

  @Override
  public CompleteMultipartUploadResponse completeMultipartUpload(
      MultipartUpload upload, CompleteMultipartUploadRequest request) {
    return tracked(
        new Target(upload.containerName(), upload.blobName()),
        () -> super.completeMultipartUpload(upload, request));
  }

  @Override
  public CreateBucketResponse createContainer(CreateBucketRequest request) {
    checkPrivate(request.aclAsString());
    return super.createContainer(request);
  }

  @Override
  public BucketCannedACL getContainerAccess(String bucket) {
    // The original tells whether the bucket is there.
    super.getContainerAccess(bucket);
    return BucketCannedACL.PRIVATE;
  }

  @Override
  public void setContainerAccess(String bucket, BucketCannedACL access) {
    checkPrivate(access.toString());
    super.setContainerAccess(bucket, access);
  }

  @Override
  public ObjectCannedACL getBlobAccess(String bucket, String key) {
    super.getBlobAccess(bucket, key);
    return ObjectCannedACL.PRIVATE;
  }

  @Override
  public ObjectCannedACL getBlobAccess(String bucket, String key, @Nullable String version) {
    super.getBlobAccess(bucket, key, version);
    return ObjectCannedACL.PRIVATE;
  }

  @Override
  public void setBlobAccess(String bucket, String key, ObjectCannedACL access) {
    checkPrivate(access.toString());
    super.setBlobAccess(bucket, key, access);
  }

  @Override
  public void setBlobAccess(
      String bucket, String key, ObjectCannedACL access, @Nullable String version) {
    checkPrivate(access.toString());
    super.setBlobAccess(bucket, key, access, version);
  }

  private static void checkPrivate(@Nullable String access) {
    if (access != null && access.startsWith("public-")) {
      throw S3Exceptions.invalidArgument(
          "The access " + access + " is not available here: every request must be signed");
    }
  }

  private <T> T tracked(Target target, Supplier<T> write) {
    // Two seconds back: a file's time may be behind the clock's by a tick or by its granularity.
    writing.merge(
        target,
        new Writers(1, Instant.now().minusSeconds(2)),
        (old, added) -> new Writers(old.count() + 1, old.since()));
    try {
      return write.get();
    } finally {
      writing.computeIfPresent(
          target,
          (key, old) -> old.count() == 1 ? null : new Writers(old.count() - 1, old.since()));
    }
  }

  /** Reads what a client still sends, so that it gets to reading the refusal. */
  static void drain(InputStream content) {
    try {
      content.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      logger.debug("a client left while its upload was refused", e);
    }
  }

  private static void checkEncryption(@Nullable String algorithm, @Nullable String keyId) {
    if (keyId != null) {
      throw S3Exceptions.invalidArgument(
          "Server-side encryption with the KMS key "
              + keyId
              + " is not available here: leave the key id out");
    }
    if (algorithm != null && !algorithm.equals("aws:kms") && !algorithm.equals("AES256")) {
      throw S3Exceptions.invalidArgument(
          "Server-side encryption " + algorithm + " is not available here: AES256 or aws:kms");
    }
  }
}
