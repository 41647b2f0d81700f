package dev.mlp.controlplane.wire;

import java.util.Map;
import software.amazon.awssdk.services.sagemaker.model.Channel;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.MetricDefinition;
import software.amazon.awssdk.services.sagemaker.model.S3DataDistribution;
import software.amazon.awssdk.services.sagemaker.model.S3DataType;
import software.amazon.awssdk.services.sagemaker.model.Tag;
import software.amazon.awssdk.services.sagemaker.model.TrainingInputMode;
import software.amazon.awssdk.services.sagemaker.model.TrainingInstanceType;

/** Requests that are right, for tests to bend. */
final class Requests {
  private Requests() {}

  static CreateTrainingJobRequest.Builder training() {
    return CreateTrainingJobRequest.builder()
        .trainingJobName("titanic-1")
        .roleArn("arn:aws:iam::123456789012:role/mlp")
        .hyperParameters(Map.of("epochs", "30", "batch-size", "32"))
        .environment(Map.of("LOG_LEVEL", "debug"))
        .algorithmSpecification(a ->
            a.trainingImage("mlp-training")
                .trainingInputMode(TrainingInputMode.FILE)
                .metricDefinitions(
                    MetricDefinition.builder().name("auc").regex("auc=(.*)").build()))
        .inputDataConfig(
            Channel.builder()
                .channelName("train")
                .contentType("text/csv")
                .dataSource(d ->
                    d.s3DataSource(s ->
                        s.s3DataType(S3DataType.S3_PREFIX)
                            .s3DataDistributionType(S3DataDistribution.FULLY_REPLICATED)
                            .s3Uri("s3://bucket/train/")))
                .build())
        .outputDataConfig(o -> o.s3OutputPath("s3://bucket/output/"))
        .resourceConfig(r ->
            r.instanceCount(1).instanceType(TrainingInstanceType.ML_M5_LARGE).volumeSizeInGB(30))
        .stoppingCondition(s -> s.maxRuntimeInSeconds(3600))
        .tags(Tag.builder().key("team").value("a").build());
  }
}
