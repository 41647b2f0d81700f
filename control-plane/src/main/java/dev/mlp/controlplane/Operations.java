package dev.mlp.controlplane;

import dev.mlp.controlplane.access.IdentityOperations;
import dev.mlp.controlplane.endpoint.EndpointConfigOperations;
import dev.mlp.controlplane.endpoint.EndpointOperations;
import dev.mlp.controlplane.logs.LogOperations;
import dev.mlp.controlplane.metrics.MetricOperations;
import dev.mlp.controlplane.model.ModelOperations;
import dev.mlp.controlplane.training.TrainingJobOperations;
import dev.mlp.controlplane.wire.OperationTable;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricStatisticsRequest;
import software.amazon.awssdk.services.cloudwatch.model.ListMetricsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.DescribeLogStreamsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.sagemaker.model.CreateEndpointConfigRequest;
import software.amazon.awssdk.services.sagemaker.model.CreateEndpointRequest;
import software.amazon.awssdk.services.sagemaker.model.CreateModelRequest;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.DeleteEndpointConfigRequest;
import software.amazon.awssdk.services.sagemaker.model.DeleteEndpointRequest;
import software.amazon.awssdk.services.sagemaker.model.DeleteModelRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointConfigRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeModelRequest;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobRequest;
import software.amazon.awssdk.services.sagemaker.model.ListEndpointConfigsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListEndpointsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListModelsRequest;
import software.amazon.awssdk.services.sagemaker.model.ListTrainingJobsRequest;
import software.amazon.awssdk.services.sagemaker.model.StopTrainingJobRequest;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityRequest;

/** The table of operations: one row each. */
final class Operations {
  private Operations() {}

  static void fill(
      OperationTable table,
      TrainingJobOperations jobs,
      ModelOperations models,
      EndpointConfigOperations configs,
      EndpointOperations endpoints,
      LogOperations logs,
      IdentityOperations identity) {
    table
        .sagemaker("CreateTrainingJob", CreateTrainingJobRequest::builder, jobs::create)
        .sagemaker("DescribeTrainingJob", DescribeTrainingJobRequest::builder, jobs::describe)
        .sagemaker("ListTrainingJobs", ListTrainingJobsRequest::builder, jobs::list)
        .sagemaker("StopTrainingJob", StopTrainingJobRequest::builder, jobs::stop)
        .sagemaker("CreateModel", CreateModelRequest::builder, models::create)
        .sagemaker("DescribeModel", DescribeModelRequest::builder, models::describe)
        .sagemaker("ListModels", ListModelsRequest::builder, models::list)
        .sagemaker("DeleteModel", DeleteModelRequest::builder, models::delete)
        .sagemaker("CreateEndpointConfig", CreateEndpointConfigRequest::builder, configs::create)
        .sagemaker(
            "DescribeEndpointConfig", DescribeEndpointConfigRequest::builder, configs::describe)
        .sagemaker("ListEndpointConfigs", ListEndpointConfigsRequest::builder, configs::list)
        .sagemaker("DeleteEndpointConfig", DeleteEndpointConfigRequest::builder, configs::delete)
        .sagemaker("CreateEndpoint", CreateEndpointRequest::builder, endpoints::create)
        .sagemaker("DescribeEndpoint", DescribeEndpointRequest::builder, endpoints::describe)
        .sagemaker("ListEndpoints", ListEndpointsRequest::builder, endpoints::list)
        .sagemaker("DeleteEndpoint", DeleteEndpointRequest::builder, endpoints::delete)
        .logs("DescribeLogStreams", DescribeLogStreamsRequest::builder, logs::describeLogStreams)
        .logs("GetLogEvents", GetLogEventsRequest::builder, logs::getLogEvents)
        .sts("GetCallerIdentity", GetCallerIdentityRequest::builder, identity::getCallerIdentity);
  }

  /** CloudWatch's rows. */
  static void fill(OperationTable table, MetricOperations metrics) {
    table
        .monitoring(
            "GetMetricStatistics",
            GetMetricStatisticsRequest::builder,
            metrics::getMetricStatistics)
        .monitoring("GetMetricData", GetMetricDataRequest::builder, metrics::getMetricData)
        .monitoring("ListMetrics", ListMetricsRequest::builder, metrics::listMetrics);
  }
}
