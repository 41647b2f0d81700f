package dev.mlp.cli;

import dev.mlp.sdk.DeploymentListener;
import dev.mlp.sdk.Endpoint;
import dev.mlp.sdk.Model;
import dev.mlp.sdk.Session;
import dev.mlp.sdk.TrainingJob;
import dev.mlp.sdk.TransferListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import software.amazon.awssdk.services.sagemaker.model.DescribeEndpointResponse;

/** {@code mlp deploy}. */
@CommandLine.Command(
    name = "deploy",
    sortOptions = false,
    description =
        "Serves a model: makes a model, a configuration and an endpoint, and waits until it answers.",
    footer = {
      "",
      "A model is a folder, a tar.gz or a zip with <version>/saved_model.pb in it;",
      "a bare SavedModel becomes version 1.",
      "",
      "Examples:",
      "  mlp deploy --endpoint titanic --job titanic-2026-01-31-12-00-00-123",
      "  mlp deploy --endpoint half --model-data ./saved_model --instances 2"
    })
final class DeployCommand extends Command {
  @Option(
      names = "--endpoint",
      required = true,
      paramLabel = "NAME",
      description = "The endpoint's name.")
  String endpoint = "";

  @ArgGroup(multiplicity = "1")
  Source source = new Source();

  @Option(
      names = "--instances",
      paramLabel = "N",
      description = "How many instances; 1 by default.")
  int instances = 1;

  @Option(
      names = "--instance-type",
      paramLabel = "TYPE",
      description = "Their type; ml.m5.large by default.")
  String instanceType = "ml.m5.large";

  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description = "What serves the model; the server's own by default.")
  @Nullable String image;

  @Option(
      names = "--env",
      paramLabel = "K=V",
      description = "An environment variable of the containers.")
  List<String> environment = new ArrayList<>();

  @Option(names = "--detach", description = "Do not wait.")
  boolean detach;

  /** Where the model comes from. */
  static final class Source {
    @Option(
        names = "--job",
        required = true,
        paramLabel = "JOB",
        description = "The training job that made the model.")
    @Nullable String job;

    @Option(
        names = "--model-data",
        required = true,
        paramLabel = "PATH|S3",
        description = "A folder, tar.gz or zip here, or a model.tar.gz in S3.")
    @Nullable String modelData;
  }

  DeployCommand(Context context) {
    super(context);
  }

  @Override
  int run() {
    Map<String, String> variables =
        KeyValues.read("--env", "NAME=VALUE", "environment variable", environment);
    try (Session session = connect();
        Progress progress = new Progress(context)) {
      Model.Builder model = Model.builder().session(session).environment(variables);
      if (image != null) {
        model.image(image);
      }
      if (source.job != null) {
        String job = source.job;
        model.modelData(
            TrainingJob.attach(session, job)
                .modelArtifacts()
                .orElseThrow(() ->
                    new CommandFailure(
                        "training job "
                            + job
                            + " has left no model (yet): mlp jobs describe "
                            + job)));
      } else if (source.modelData != null) {
        model.modelData(source.modelData);
      }
      DeploymentListener listener =
          new DeploymentListener() {
            @Override
            public void uploading(TransferListener.Transfer transfer) {
              progress.uploading(transfer);
            }

            @Override
            public void status(String endpointName, String status) {
              progress.now(endpointName + " is " + status);
            }

            @Override
            public void reason(String endpointName, String status, String message) {
              progress.now(endpointName + " is " + status + " - " + message);
            }
          };
      Endpoint started = model.build().start(endpoint, instances, instanceType, listener);
      DescribeEndpointResponse now =
          detach ? started.describe() : awaitInService(started, listener);
      progress.done();
      if (json()) {
        printJson(Wire.tree(now));
      } else {
        context
            .out()
            .println(endpoint + " is " + context.terminal().status(now.endpointStatusAsString()));
        note("ask it: mlp predict --endpoint " + endpoint + " --json '{\"instances\": […]}'");
        note("remove it: mlp endpoints delete " + endpoint);
      }
      return 0;
    }
  }

  private DescribeEndpointResponse awaitInService(Endpoint started, DeploymentListener listener) {
    try (Interrupt _ =
        Interrupt.runs(() -> {
          note("");
          note("endpoint " + endpoint + " goes on without you:");
          note("  look at it: mlp endpoints describe " + endpoint);
          note("  remove it:  mlp endpoints delete " + endpoint);
        })) {
      return started.awaitInService(listener);
    }
  }
}
