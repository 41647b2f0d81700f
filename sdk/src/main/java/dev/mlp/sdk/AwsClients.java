package dev.mlp.sdk;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sagemaker.SageMakerClient;
import software.amazon.awssdk.services.sagemakerruntime.SageMakerRuntimeClient;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * The clients of one session, each made at its first use: most programs and commands need one or
 * two.
 */
final class AwsClients implements AutoCloseable {
  /**
   * SageMaker gives a model 60 s to answer; the client must hear of its timeout, not have its own.
   */
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(80);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final SessionSettings settings;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private @Nullable SdkHttpClient http;
  private final Once<SageMakerClient> sageMaker = new Once<>(this::newSageMaker);
  private final Once<SageMakerRuntimeClient> runtime = new Once<>(this::newRuntime);
  private final Once<CloudWatchLogsClient> logs = new Once<>(this::newLogs);
  private final Once<CloudWatchClient> metrics = new Once<>(this::newMetrics);
  private final Once<S3Client> s3 = new Once<>(this::newS3);
  private final Once<StsClient> sts = new Once<>(this::newSts);

  AwsClients(SessionSettings settings) {
    this.settings = settings;
  }

  SageMakerClient sageMaker() {
    return sageMaker.get();
  }

  SageMakerRuntimeClient runtime() {
    return runtime.get();
  }

  CloudWatchLogsClient logs() {
    return logs.get();
  }

  CloudWatchClient metrics() {
    return metrics.get();
  }

  S3Client s3() {
    return s3.get();
  }

  StsClient sts() {
    return sts.get();
  }

  @Override
  public synchronized void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot close a client", e);
      }
    }
  }

  private SageMakerClient newSageMaker() {
    return configure(SageMakerClient.builder().httpClient(http()), "SAGEMAKER").build();
  }

  private SageMakerRuntimeClient newRuntime() {
    return configure(SageMakerRuntimeClient.builder().httpClient(http()), "SAGEMAKER_RUNTIME")
        .build();
  }

  private CloudWatchLogsClient newLogs() {
    return configure(CloudWatchLogsClient.builder().httpClient(http()), "CLOUDWATCH_LOGS").build();
  }

  private CloudWatchClient newMetrics() {
    return configure(CloudWatchClient.builder().httpClient(http()), "CLOUDWATCH").build();
  }

  private S3Client newS3() {
    return configure(
            S3Client.builder()
                .httpClient(http())
                .forcePathStyle(settings.endpointOf("S3").isPresent()),
            "S3")
        .build();
  }

  private StsClient newSts() {
    return configure(StsClient.builder().httpClient(http()), "STS").build();
  }

  private <B extends AwsClientBuilder<B, C>, C> B configure(B builder, String service) {
    settings.endpointOf(service).ifPresent(builder::endpointOverride);
    return builder.region(settings.region()).credentialsProvider(settings.credentials());
  }

  private SdkHttpClient http() {
    if (http == null) {
      http =
          UrlConnectionHttpClient.builder()
              .connectionTimeout(CONNECT_TIMEOUT)
              .socketTimeout(ANSWER_TIMEOUT)
              .build();
      opened.push(http);
    }
    return http;
  }

  /** One client, made under the lock of all of them. */
  private final class Once<T extends AutoCloseable> {
    private final Supplier<T> maker;
    private @Nullable T made;

    Once(Supplier<T> maker) {
      this.maker = maker;
    }

    T get() {
      synchronized (AwsClients.this) {
        T client = made;
        if (client == null) {
          client = maker.get();
          made = client;
          opened.push(client);
        }
        return client;
      }
    }
  }
}
