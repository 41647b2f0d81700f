package dev.mlp.controlplane.training;

import dev.mlp.controlplane.access.InstanceVariables;
import dev.mlp.controlplane.access.StoreScope;
import dev.mlp.controlplane.access.StoreScope.Area;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.capacity.InstanceCatalogue;
import dev.mlp.controlplane.capacity.InstanceType;
import dev.mlp.controlplane.container.Input;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Output;
import dev.mlp.controlplane.container.Owner;
import dev.mlp.controlplane.container.Resources;
import dev.mlp.training.contract.ChannelConfig;
import dev.mlp.training.contract.ConfigFiles;
import dev.mlp.training.contract.Hyperparameters;
import dev.mlp.training.contract.InstanceGroup;
import dev.mlp.training.contract.PythonValue;
import dev.mlp.training.contract.ResourceConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/** What a job asks of the runtime: pure, so the same job always asks for the same. */
final class TrainingJobSpec {
  private static final String MODEL_FOLDER = "model_dir";

  private TrainingJobSpec() {}

  /** The type as the machine can give it to each of the job's hosts. */
  static InstanceType fitted(InstanceType type, int instanceCount, long largestMebibytes) {
    return InstanceCatalogue.fitted(type, Math.max(1, largestMebibytes / instanceCount));
  }

  /** Says what was fitted, to be put behind a sentence; empty where nothing was. */
  static String note(InstanceType wanted, InstanceType given, boolean gpus) {
    List<String> notes = new ArrayList<>();
    if (given.memoryMebibytes() < wanted.memoryMebibytes()) {
      notes.add(
          String.format(
              Locale.ROOT,
              "fitted to this machine: %,d MiB instead of %,d MiB",
              given.memoryMebibytes(),
              wanted.memoryMebibytes()));
    }
    if (wanted.gpus() > 0 && !gpus) {
      notes.add("without its " + (wanted.gpus() == 1 ? "GPU" : wanted.gpus() + " GPUs"));
    }
    return notes.isEmpty() ? "" : " (" + wanted.name() + " " + String.join(", ", notes) + ")";
  }

  /**
   * @param type as the machine can give it
   * @param logs each host's log file
   * @param platform each host's variables that tell it where the platform is and who it is there;
   *     the user's own come before them, except those that say what the job is
   */
  static InstanceGroupSpec of(
      TrainingJob job,
      InstanceType type,
      Function<String, Path> logs,
      Function<String, Map<String, String>> platform) {
    List<MemberSpec> members = new ArrayList<>();
    for (String host : job.hosts()) {
      members.add(member(job, host, type, logs.apply(host), platform.apply(host)));
    }
    return new InstanceGroupSpec(
        job.group(),
        new Owner(job.key().tenant(), Owner.Kind.TRAINING_JOB, job.key().name().value()),
        members,
        job.definition().networkIsolation());
  }

  private static MemberSpec member(
      TrainingJob job, String host, InstanceType type, Path log, Map<String, String> platform) {
    TrainingJobDefinition definition = job.definition();
    boolean ownCommand = !definition.entrypoint().isEmpty() || !definition.arguments().isEmpty();
    return new MemberSpec(
        host,
        definition.image(),
        definition.entrypoint(),
        ownCommand ? definition.arguments() : List.of("train"),
        environment(job, platform),
        files(job, host),
        inputs(definition),
        outputs(job, host),
        "output/failure",
        log,
        OptionalInt.empty(),
        Resources.of(type.memoryMebibytes(), type.vcpus()));
  }

  private static Map<String, String> environment(TrainingJob job, Map<String, String> platform) {
    Map<String, String> environment =
        InstanceVariables.merged(platform, job.definition().environment());
    environment.put("TRAINING_JOB_NAME", job.key().name().value());
    environment.put("TRAINING_JOB_ARN", job.key().arn());
    environment.put("AWS_REGION", job.key().tenant().region());
    environment.putIfAbsent("AWS_DEFAULT_REGION", job.key().tenant().region());
    return environment;
  }

  /**
   * What its instances may touch in the object store: they read the channels and the code, and
   * write the job's own folder below the output path. The framework estimators of SageMaker's SDK
   * tell programs another place for the model, {@code model_dir}; it is theirs to write where it is
   * a folder of this job, that is, lies in or below a folder of the job's name.
   */
  static StoreScope scope(TrainingJob job) {
    TrainingJobDefinition definition = job.definition();
    List<Area> readable = new ArrayList<>();
    definition
        .channels()
        .forEach(channel ->
            readable.add(Area.prefix(channel.source().bucket(), channel.source().key())));
    definition.code().ifPresent(code -> readable.add(Area.object(code.bucket(), code.key())));
    List<Area> writable = new ArrayList<>();
    String name = job.key().name().value();
    S3Address folder = definition.outputPath().resolve(name);
    writable.add(Area.prefix(folder.bucket(), folder.key() + "/"));
    modelFolder(definition.hyperparameters(), name).ifPresent(writable::add);
    return new StoreScope(readable, writable);
  }

  private static Optional<Area> modelFolder(Map<String, String> hyperparameters, String job) {
    if (!hyperparameters.containsKey(MODEL_FOLDER)
        || !(Hyperparameters.decode(hyperparameters.get(MODEL_FOLDER))
            instanceof PythonValue.Text(var uri))
        || !uri.startsWith("s3://")) {
      return Optional.empty();
    }
    S3Address folder;
    try {
      folder = S3Address.parse(uri);
    } catch (IllegalArgumentException _) {
      return Optional.empty(); // the program will say what is wrong with it
    }
    List<String> path = List.of(folder.key().split("/"));
    if (!path.contains(job)) {
      return Optional.empty();
    }
    // Without a slash at the end, file systems on top of S3 can look for the folder itself; with
    // the job's own name there, it would cover those of other jobs.
    return Optional.of(
        Area.prefix(
            folder.bucket(), path.getLast().equals(job) ? folder.resolve("").key() : folder.key()));
  }

  private static Map<String, String> files(TrainingJob job, String host) {
    TrainingJobDefinition definition = job.definition();
    List<ChannelConfig> channels =
        definition.channels().stream()
            .map(channel ->
                new ChannelConfig(
                    channel.name(),
                    channel.inputMode(),
                    channel.distribution(),
                    channel.recordWrapper(),
                    channel.contentType()))
            .toList();
    ResourceConfig resources =
        new ResourceConfig(
            host,
            definition.instanceType(),
            ResourceConfig.HOMOGENEOUS_CLUSTER,
            job.hosts(),
            List.of(
                new InstanceGroup(
                    ResourceConfig.HOMOGENEOUS_CLUSTER, definition.instanceType(), job.hosts())),
            "eth0");
    return Map.of(
        "input/config/hyperparameters.json",
        ConfigFiles.hyperparameters(definition.hyperparameters()),
        "input/config/inputdataconfig.json",
        ConfigFiles.inputDataConfig(channels),
        "input/config/resourceconfig.json",
        ConfigFiles.resourceConfig(resources));
  }

  private static List<Input> inputs(TrainingJobDefinition definition) {
    List<Input> inputs = new ArrayList<>();
    definition
        .channels()
        .forEach(channel ->
            inputs.add(
                new Input(channel.source(), "input/data/" + channel.name(), Input.Kind.PREFIX)));
    definition.code().ifPresent(code -> inputs.add(new Input(code, "code", Input.Kind.ARCHIVE)));
    return inputs;
  }

  /**
   * The first host's model is the job's: with several hosts, SageMaker too keeps one archive, and
   * programs save the model on the first alone. What the others leave goes beside it.
   */
  private static List<Output> outputs(TrainingJob job, String host) {
    boolean first = host.equals(job.hosts().getFirst());
    String suffix = first ? "" : "-" + host;
    return List.of(
        new Output("model", job.output("model" + suffix + ".tar.gz"), first),
        new Output("output/data", job.output("output" + suffix + ".tar.gz"), false));
  }
}
