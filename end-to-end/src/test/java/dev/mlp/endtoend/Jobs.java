package dev.mlp.endtoend;

import dev.mlp.sdk.Session;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.sagemaker.model.Channel;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;

/** Training jobs of one image on one server, through the AWS SDK. */
final class Jobs implements AutoCloseable {
  static final String BUCKET = "jobs";
  private static final Duration LONG = Duration.ofMinutes(3);

  private final Server server;
  private final Session session;
  private final String image;

  Jobs(Server server, String image) throws Exception {
    this.server = server;
    this.image = image;
    this.session =
        Session.builder()
            .environment(server.clientEnvironment())
            .endpointOverride(URI.create(server.url()))
            .build();
    session.s3().createBucket(bucket -> bucket.bucket(BUCKET));
  }

  Session session() {
    return session;
  }

  void upload(String key, String text) {
    session.s3().putObject(put -> put.bucket(BUCKET).key(key), RequestBody.fromString(text));
  }

  byte[] download(String uri) {
    String[] parts = uri.substring("s3://".length()).split("/", 2);
    return session.s3().getObjectAsBytes(get -> get.bucket(parts[0]).key(parts[1])).asByteArray();
  }

  Channel channel(String name, String prefix) {
    return Channel.builder()
        .channelName(name)
        .dataSource(source ->
            source.s3DataSource(s3 ->
                s3.s3DataType("S3Prefix")
                    .s3Uri("s3://" + BUCKET + "/" + prefix)
                    .s3DataDistributionType("FullyReplicated")))
        .build();
  }

  void create(String name, Consumer<CreateTrainingJobRequest.Builder> further) throws Exception {
    String role = server.clientEnvironment().get("MLP_ROLE_ARN");
    session
        .sageMaker()
        .createTrainingJob(request -> {
          request
              .trainingJobName(name)
              .roleArn(role)
              .algorithmSpecification(
                  algorithm -> algorithm.trainingImage(image).trainingInputMode("File"))
              .outputDataConfig(output -> output.s3OutputPath("s3://" + BUCKET + "/output"))
              .resourceConfig(
                  resources -> resources.instanceType("local").instanceCount(1).volumeSizeInGB(5))
              .stoppingCondition(stop -> stop.maxRuntimeInSeconds(600));
          further.accept(request);
        });
  }

  DescribeTrainingJobResponse describe(String name) {
    return session.sageMaker().describeTrainingJob(request -> request.trainingJobName(name));
  }

  /** Waits for its end. */
  DescribeTrainingJobResponse await(String name) throws Exception {
    return Eventually.get(
        LONG,
        () -> {
          DescribeTrainingJobResponse job = describe(name);
          return switch (job.trainingJobStatus()) {
            case COMPLETED, FAILED, STOPPED -> Optional.of(job);
            default -> Optional.empty();
          };
        });
  }

  /** The lines of all hosts, each host's in order. */
  List<String> log(String name) {
    List<String> lines = new ArrayList<>();
    var streams =
        session
            .logs()
            .describeLogStreams(request ->
                request.logGroupName("/aws/sagemaker/TrainingJobs").logStreamNamePrefix(name + "/"))
            .logStreams();
    for (var stream : streams) {
      String token = null;
      while (true) {
        String from = token;
        var page =
            session
                .logs()
                .getLogEvents(request ->
                    request
                        .logGroupName("/aws/sagemaker/TrainingJobs")
                        .logStreamName(stream.logStreamName())
                        .startFromHead(true)
                        .nextToken(from));
        page.events().forEach(event -> lines.add(event.message()));
        if (page.nextForwardToken().equals(from)) {
          break;
        }
        token = page.nextForwardToken();
      }
    }
    return lines;
  }

  @Override
  public void close() {
    session.close();
  }
}
