package dev.mlp.controlplane.artifact;

import dev.mlp.controlplane.access.StoreScope;
import java.io.InputStream;
import java.util.List;
import java.util.regex.Pattern;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.CreateBucketResponse;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.DeleteBucketEncryptionRequest;
import software.amazon.awssdk.services.s3.model.DeleteBucketEncryptionResponse;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.GetBucketAclRequest;
import software.amazon.awssdk.services.s3.model.GetBucketAclResponse;
import software.amazon.awssdk.services.s3.model.GetBucketEncryptionRequest;
import software.amazon.awssdk.services.s3.model.GetBucketEncryptionResponse;
import software.amazon.awssdk.services.s3.model.GetBucketVersioningRequest;
import software.amazon.awssdk.services.s3.model.GetBucketVersioningResponse;
import software.amazon.awssdk.services.s3.model.GetObjectAclRequest;
import software.amazon.awssdk.services.s3.model.GetObjectAclResponse;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadBucketRequest;
import software.amazon.awssdk.services.s3.model.HeadBucketResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListBucketsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.PutBucketEncryptionRequest;
import software.amazon.awssdk.services.s3.model.PutBucketEncryptionResponse;
import software.amazon.awssdk.services.s3.model.PutBucketVersioningRequest;
import software.amazon.awssdk.services.s3.model.PutBucketVersioningResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * The objects as the key of an instance sees them: within its scope as they are, and refused
 * outside of it, whether they are there or not. Every operation of the store is either checked here
 * or goes through one that is; a test holds this for operations that a newer store brings.
 */
final class ScopedObjects extends ForwardingBlobStore {
  /** The store makes part of a path of it. */
  private static final Pattern UPLOAD_ID = Pattern.compile("[A-Za-z0-9-]+");

  /**
   * Where the server keeps what an upload in parts was begun with. It refuses requests for such
   * keys by itself, so only its own dealings with an upload get here: good for who may write the
   * object that the request is about.
   */
  private static final Pattern UPLOAD_RECORD = Pattern.compile("\\.s3proxy-mpu-stub-[A-Za-z0-9-]+");

  private final StoreScope scope;
  private final boolean writesRequested;

  /**
   * For one request.
   *
   * @param bucket that the request is about; null for none
   * @param key that the request is about; null for none
   */
  ScopedObjects(
      BlobStore objects, StoreScope scope, @Nullable String bucket, @Nullable String key) {
    super(objects);
    this.scope = scope;
    this.writesRequested = bucket != null && key != null && scope.mayWrite(bucket, key);
  }

  // Buckets

  @Override
  public ListBucketsResponse list() {
    throw denied("list the buckets");
  }

  @Override
  public HeadBucketResponse headBucket(HeadBucketRequest request) {
    if (!scope.touches(request.bucket())) {
      throw denied("look at bucket " + request.bucket());
    }
    return super.headBucket(request);
  }

  @Override
  public CreateBucketResponse createContainer(CreateBucketRequest request) {
    throw denied("create bucket " + request.bucket());
  }

  @Override
  public void clearContainer(ListObjectsV2Request request) {
    throw denied("empty bucket " + request.bucket());
  }

  @Override
  public void deleteContainer(String bucket) {
    throw denied("delete bucket " + bucket);
  }

  @Override
  public void deleteBucket(String bucket) {
    throw denied("delete bucket " + bucket);
  }

  @Override
  public BucketCannedACL getContainerAccess(String bucket) {
    throw settings(bucket);
  }

  @Override
  public GetBucketAclResponse getContainerAcl(GetBucketAclRequest request) {
    throw settings(request.bucket());
  }

  @Override
  public void setContainerAccess(String bucket, BucketCannedACL access) {
    throw settings(bucket);
  }

  @Override
  public GetBucketVersioningResponse getBucketVersioning(GetBucketVersioningRequest request) {
    throw settings(request.bucket());
  }

  @Override
  public PutBucketVersioningResponse putBucketVersioning(PutBucketVersioningRequest request) {
    throw settings(request.bucket());
  }

  @Override
  public GetBucketEncryptionResponse getBucketEncryption(GetBucketEncryptionRequest request) {
    throw settings(request.bucket());
  }

  @Override
  public PutBucketEncryptionResponse putBucketEncryption(PutBucketEncryptionRequest request) {
    throw settings(request.bucket());
  }

  @Override
  public DeleteBucketEncryptionResponse deleteBucketEncryption(
      DeleteBucketEncryptionRequest request) {
    throw settings(request.bucket());
  }

  // Listings

  @Override
  public ListObjectsV2Response list(ListObjectsV2Request request) {
    checkList(request.bucket(), request.prefix());
    ListObjectsV2Response page = super.list(request);
    // The prefix says it all, if the store takes it as S3 does: this does not lean on it.
    List<S3Object> contents =
        page.contents().stream()
            .filter(object -> scope.mayRead(request.bucket(), object.key()))
            .toList();
    List<CommonPrefix> prefixes =
        page.commonPrefixes().stream()
            .filter(prefix -> scope.mayList(request.bucket(), prefix.prefix()))
            .toList();
    return page.toBuilder()
        .contents(contents)
        .commonPrefixes(prefixes)
        .keyCount(contents.size() + prefixes.size())
        .build();
  }

  @Override
  public ListObjectVersionsResponse listVersions(ListObjectVersionsRequest request) {
    checkList(request.bucket(), request.prefix());
    return super.listVersions(request);
  }

  // Reading

  @Override
  public boolean blobExists(String bucket, String key) {
    checkRead(bucket, key);
    return super.blobExists(bucket, key);
  }

  @Override
  public HeadObjectResponse blobMetadata(HeadObjectRequest request) {
    checkRead(request.bucket(), request.key());
    return super.blobMetadata(request);
  }

  @Override
  public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
    checkRead(request.bucket(), request.key());
    return super.getBlob(request);
  }

  @Override
  public ObjectCannedACL getBlobAccess(String bucket, String key) {
    checkRead(bucket, key);
    return super.getBlobAccess(bucket, key);
  }

  @Override
  public ObjectCannedACL getBlobAccess(String bucket, String key, @Nullable String version) {
    checkRead(bucket, key);
    return super.getBlobAccess(bucket, key, version);
  }

  @Override
  public GetObjectAclResponse getBlobAcl(GetObjectAclRequest request) {
    checkRead(request.bucket(), request.key());
    return super.getBlobAcl(request);
  }

  // Writing

  @Override
  public PutObjectResponse putBlob(PutObjectRequest request, InputStream content) {
    try {
      checkWrite(request.bucket(), request.key());
    } catch (S3Exception e) {
      // A connection that is closed on a client which still sends takes the answer with it.
      FileObjects.drain(content);
      throw e;
    }
    return super.putBlob(request, content);
  }

  @Override
  public CopyObjectResponse copyBlob(CopyObjectRequest request) {
    checkRead(request.sourceBucket(), request.sourceKey());
    checkWrite(request.destinationBucket(), request.destinationKey());
    return super.copyBlob(request);
  }

  @Override
  public DeleteObjectResponse removeBlob(DeleteObjectRequest request) {
    checkWrite(request.bucket(), request.key());
    return super.removeBlob(request);
  }

  @Override
  public void setBlobAccess(String bucket, String key, ObjectCannedACL access) {
    checkWrite(bucket, key);
    super.setBlobAccess(bucket, key, access);
  }

  @Override
  public void setBlobAccess(
      String bucket, String key, ObjectCannedACL access, @Nullable String version) {
    checkWrite(bucket, key);
    super.setBlobAccess(bucket, key, access, version);
  }

  // Uploads in parts

  @Override
  public MultipartUpload initiateMultipartUpload(CreateMultipartUploadRequest request) {
    checkWrite(request.bucket(), request.key());
    return super.initiateMultipartUpload(request);
  }

  @Override
  public UploadPartResponse uploadMultipartPart(
      MultipartUpload upload, UploadPartRequest request, InputStream content) {
    try {
      checkUpload(upload);
    } catch (S3Exception e) {
      FileObjects.drain(content);
      throw e;
    }
    return super.uploadMultipartPart(upload, request, content);
  }

  @Override
  public CompleteMultipartUploadResponse completeMultipartUpload(
      MultipartUpload upload, CompleteMultipartUploadRequest request) {
    checkUpload(upload);
    return super.completeMultipartUpload(upload, request);
  }

  @Override
  public void abortMultipartUpload(MultipartUpload upload) {
    checkUpload(upload);
    super.abortMultipartUpload(upload);
  }

  @Override
  public List<Part> listMultipartUpload(MultipartUpload upload) {
    checkUpload(upload);
    return super.listMultipartUpload(upload);
  }

  @Override
  public List<software.amazon.awssdk.services.s3.model.MultipartUpload> listMultipartUploads(
      String bucket) {
    if (!scope.touches(bucket)) {
      throw denied("list the uploads to bucket " + bucket);
    }
    return super.listMultipartUploads(bucket).stream()
        .filter(upload -> scope.mayWrite(bucket, upload.key()))
        .toList();
  }

  // Checks

  private void checkList(String bucket, @Nullable String prefix) {
    String from = prefix == null ? "" : prefix;
    if (!scope.mayList(bucket, from)) {
      throw denied("list " + new S3Address(bucket, from));
    }
  }

  private void checkRead(String bucket, String key) {
    if (!scope.mayRead(bucket, key) && !isUploadRecord(key)) {
      throw denied("read " + new S3Address(bucket, key));
    }
  }

  private void checkWrite(String bucket, String key) {
    if (!scope.mayWrite(bucket, key) && !isUploadRecord(key)) {
      throw denied("write " + new S3Address(bucket, key));
    }
  }

  private boolean isUploadRecord(String key) {
    return writesRequested && UPLOAD_RECORD.matcher(key).matches();
  }

  private void checkUpload(MultipartUpload upload) {
    checkWrite(upload.containerName(), upload.blobName());
    if (!UPLOAD_ID.matcher(upload.id()).matches()) {
      throw refused(404, "NoSuchUpload", "There is no upload '" + upload.id() + "'.");
    }
  }

  private static S3Exception settings(String bucket) {
    return denied("see or change the settings of bucket " + bucket);
  }

  private static S3Exception denied(String what) {
    return refused(
        403,
        "AccessDenied",
        "This access key is an instance's own: it reads the instance's inputs and writes its"
            + " outputs, and may not "
            + what
            + ".");
  }

  private static S3Exception refused(int status, String code, String message) {
    return (S3Exception)
        S3Exception.builder()
            .message(message)
            .statusCode(status)
            .awsErrorDetails(
                AwsErrorDetails.builder()
                    .errorCode(code)
                    .errorMessage(message)
                    .sdkHttpResponse(SdkHttpResponse.builder().statusCode(status).build())
                    .build())
            .build();
  }
}
