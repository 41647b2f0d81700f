package dev.mlp.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;

class SessionTest {
  private static final String BUCKET = "sagemaker-us-east-1-123456789012";

  @TempDir Path folder;
  private final Platform platform = new Platform();

  @AfterEach
  void sentNothingThatSageMakerRefuses() {
    platform.close();
    assertThat(platform.aws.refused()).isEmpty();
  }

  @Test
  void makesTheAccountsBucketOnce() {
    assertThat(platform.session.defaultBucket()).isEqualTo(BUCKET);
    assertThat(platform.session.defaultBucket()).isEqualTo(BUCKET);
    assertThat(platform.aws.s3().buckets()).containsExactly(BUCKET);
    assertThat(platform.aws.calls("GetCallerIdentity")).hasSize(1);
  }

  @Test
  void uploadsAFileUnderItsName() throws IOException {
    Path file = Files.writeString(folder.resolve("train.csv"), "a,b\n1,2\n");
    assertThat(platform.session.uploadData(file, "data"))
        .hasToString("s3://" + BUCKET + "/data/train.csv");
    assertThat(platform.aws.s3().text(BUCKET + "/data/train.csv")).contains("a,b\n1,2\n");
  }

  @Test
  void uploadsAFolderWithWhatIsBelowItAndTellsHowItGetsOn() throws IOException {
    Path data = folder.resolve("data");
    Files.createDirectories(data.resolve("deep"));
    for (int i = 0; i < 20; i++) {
      Files.writeString(data.resolve("deep/" + i + ".txt"), "0123456789");
    }
    List<TransferListener.Transfer> heard = new CopyOnWriteArrayList<>();
    assertThat(platform.session.uploadData(data, "in", heard::add))
        .hasToString("s3://" + BUCKET + "/in");
    assertThat(platform.aws.s3().objects()).hasSize(20).containsKey(BUCKET + "/in/deep/19.txt");
    assertThat(heard.getLast().finished()).isTrue();
    assertThat(heard.getLast().bytes()).isEqualTo(200).isEqualTo(heard.getLast().totalBytes());
    assertThat(heard).extracting(TransferListener.Transfer::bytes).isSorted();
  }

  @Test
  void countsBytesOnceWhenARequestIsRepeated() throws IOException {
    platform.session.defaultBucket();
    platform.aws.s3().failNextPuts(1);
    Path file = Files.writeString(folder.resolve("f"), "0123456789");
    List<TransferListener.Transfer> heard = new CopyOnWriteArrayList<>();
    platform.session.uploadData(file, "in", heard::add);
    assertThat(platform.aws.s3().puts()).hasSize(2);
    assertThat(heard.getLast().bytes()).isEqualTo(10);
    assertThat(platform.aws.s3().text(BUCKET + "/in/f")).contains("0123456789");
  }

  @Test
  void uploadsWhatIsLargeInParts() throws IOException {
    Path file = Files.writeString(folder.resolve("large"), "abcdefghij");
    Uploader uploader = new Uploader(platform.session.s3(), 4);
    S3Uri target = new S3Uri(platform.session.defaultBucket(), "large");
    uploader.upload("large", Map.of(target, file), TransferListener.SILENT);
    assertThat(platform.aws.s3().puts()).hasSize(3);
    assertThat(platform.aws.s3().text(BUCKET + "/large")).contains("abcdefghij");
  }

  @Test
  void leavesNoPartsBehindWhenALargeUploadFails() throws IOException {
    Path file = Files.writeString(folder.resolve("large"), "abcdefghij");
    Uploader uploader = new Uploader(platform.session.s3(), 4);
    S3Uri target = new S3Uri(platform.session.defaultBucket(), "large");
    platform.aws.s3().failNextPuts(100);
    assertThatThrownBy(
            () -> uploader.upload("large", Map.of(target, file), TransferListener.SILENT))
        .isInstanceOf(SdkException.class);
    assertThat(platform.aws.s3().openParts()).isZero();
    assertThat(platform.aws.s3().objects()).isEmpty();
  }

  @Test
  void refusesWhatIsNotThere() {
    assertThatThrownBy(() -> platform.session.uploadData(folder.resolve("none"), "in"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("none");
    assertThatThrownBy(() -> platform.session.uploadData(folder, "in"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("is empty");
  }

  @Test
  void goesByTheEnvironment() {
    SessionSettings settings =
        SessionSettings.resolve(
            Map.of(
                "AWS_ENDPOINT_URL", "http://localhost:1",
                "AWS_ENDPOINT_URL_S3", "http://localhost:2",
                "AWS_DEFAULT_REGION", "eu-central-1",
                "AWS_ACCESS_KEY_ID", "id",
                "AWS_SECRET_ACCESS_KEY", "secret",
                "AWS_SESSION_TOKEN", "token"),
            null,
            null,
            null,
            null,
            null,
            null,
            null);
    assertThat(settings.endpointOf("SAGEMAKER")).hasToString("Optional[http://localhost:1]");
    assertThat(settings.endpointOf("S3")).hasToString("Optional[http://localhost:2]");
    assertThat(settings.region()).isEqualTo(Region.EU_CENTRAL_1);
    assertThat(settings.credentials().resolveCredentials().accessKeyId()).isEqualTo("id");
    assertThat(settings.roleArn()).isEmpty();
  }

  @Test
  void saysWhichVariableIsNoUrl() {
    assertThatThrownBy(() ->
            Session.builder()
                .environment(Map.of("AWS_ENDPOINT_URL", "nonsense", "AWS_REGION", "us-east-1"))
                .build())
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("AWS_ENDPOINT_URL")
        .hasMessageContaining("nonsense");
  }
}
