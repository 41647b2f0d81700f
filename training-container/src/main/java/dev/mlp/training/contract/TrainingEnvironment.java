package dev.mlp.training.contract;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the user's program is given: variables and arguments. A pure function of the inputs, the
 * machine and the variables that the container itself was started with.
 */
public final class TrainingEnvironment {
  private static final String NETWORK_INTERFACE = "eth0";
  private static final int INFO = 20;

  private final MlPaths paths;
  private final TrainingInputs inputs;
  private final Machine machine;
  private final Map<String, String> outside;
  private final PythonValue.Dict user;
  private final Cluster cluster;

  /**
   * @param outside the environment of the entry point; read, never changed
   * @throws IllegalArgumentException when the resource configuration names no host
   */
  public TrainingEnvironment(
      MlPaths paths, TrainingInputs inputs, Machine machine, Map<String, String> outside) {
    this.paths = paths;
    this.inputs = inputs;
    this.machine = machine;
    this.outside = outside;
    this.user = inputs.hyperparameters().user();
    this.cluster = new Cluster(inputs.resources(), inputs.hyperparameters().framework());
  }

  /** The file to run: the variable SAGEMAKER_PROGRAM, else the hyperparameter. */
  public Optional<String> program() {
    String variable = outside.get("SAGEMAKER_PROGRAM");
    return variable != null && !variable.isEmpty()
        ? Optional.of(variable)
        : inputs.hyperparameters().container(Hyperparameters.PROGRAM);
  }

  /** Where the code comes from; the code folder itself unless a hyperparameter says otherwise. */
  public String moduleDirectory() {
    return inputs
        .hyperparameters()
        .container(Hyperparameters.SUBMIT_DIRECTORY)
        .orElse(paths.code().toString());
  }

  /** Python's logging level of the container: 10 debug, 20 information, 30 warnings, 40 errors. */
  public int logLevel() {
    return logLevelValue() instanceof PythonValue.Int level ? level.value().intValue() : INFO;
  }

  /** The program's arguments: {@code --name value}, sorted by name. */
  public List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    for (String name : user.sortedKeys()) {
      if (name.isEmpty()) {
        arguments.add("");
      } else {
        boolean isLetter = name.codePointCount(0, name.length()) == 1;
        arguments.add((isLetter ? "-" : "--") + name);
      }
      arguments.add(user.get(name).argument());
    }
    return arguments;
  }

  /**
   * The variables to add to those of the container: every {@code SM_*}, and {@code
   * TRAINING_JOB_NAME}, {@code SAGEMAKER_JOB_NAME}, {@code CURRENT_HOST}, {@code SAGEMAKER_REGION}
   * and {@code PYTHONPATH}.
   */
  public Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    for (Map.Entry<String, PythonValue> entry : described().entrySet()) {
      // Upper case as Python has it, whatever the machine's language: never a dotless i.
      String name = "SM_" + entry.getKey().toUpperCase(Locale.ROOT);
      variables.put(name, entry.getValue().variable());
    }
    Hyperparameters all = inputs.hyperparameters();
    String jobName = all.container(Hyperparameters.JOB_NAME).orElse("");
    if (!outside.containsKey("TRAINING_JOB_NAME") && !jobName.isEmpty()) {
      variables.put("TRAINING_JOB_NAME", jobName);
    }
    variables.put("SAGEMAKER_JOB_NAME", jobName);
    variables.put("CURRENT_HOST", cluster.currentHost);
    variables.put(
        "SAGEMAKER_REGION",
        all.container(Hyperparameters.REGION)
            .orElse(firstOf("AWS_DEFAULT_REGION", "AWS_REGION", "SAGEMAKER_REGION")));
    String pythonPath = outside.getOrDefault("PYTHONPATH", "");
    variables.put(
        "PYTHONPATH", pythonPath.isEmpty() ? code().value() : code().value() + ":" + pythonPath);
    return variables;
  }

  private Map<String, PythonValue> described() {
    PythonValue.Dict properties = properties();
    Map<String, PythonValue> values = new LinkedHashMap<>();
    for (String name : VARIABLES) {
      values.put(name, properties.get(name));
    }
    values.put("hps", user);
    values.put("framework_params", properties.get("additional_framework_parameters"));
    List<PythonValue> channels = new ArrayList<>();
    for (String channel : inputs.channels().sortedKeys()) {
      channels.add(new PythonValue.Text(channel));
      values.put("channel_" + channel, path(paths.channel(channel)));
    }
    values.put("channels", new PythonValue.Items(channels));
    List<PythonValue> arguments = new ArrayList<>();
    for (String argument : arguments()) {
      arguments.add(new PythonValue.Text(argument));
    }
    values.put("user_args", new PythonValue.Items(arguments));
    values.put("training_env", properties);
    if (properties.get("topology").isTrue()) {
      values.put("topology", properties.get("topology"));
    }
    for (Map.Entry<String, PythonValue> entry : user.values().entrySet()) {
      values.put("hp_" + entry.getKey(), entry.getValue());
    }
    return values;
  }

  /** The properties that are variables under their own name. */
  private static final List<String> VARIABLES =
      List.of(
          "hosts",
          "network_interface_name",
          "user_entry_point",
          "resource_config",
          "input_data_config",
          "output_data_dir",
          "current_host",
          "current_instance_type",
          "current_instance_group",
          "current_instance_group_hosts",
          "instance_groups",
          "instance_groups_dict",
          "distribution_instance_groups",
          "is_hetero",
          "module_name",
          "log_level",
          "framework_module",
          "input_dir",
          "input_config_dir",
          "output_dir",
          "num_cpus",
          "num_gpus",
          "num_neurons",
          "model_dir",
          "module_dir",
          "output_intermediate_dir");

  /** What SM_TRAINING_ENV holds. */
  private PythonValue.Dict properties() {
    PythonValue.Dict resources = inputs.resources();
    Map<String, PythonValue> channelFolders = new LinkedHashMap<>();
    for (String channel : inputs.channels().values().keySet()) {
      channelFolders.put(channel, path(paths.channel(channel)));
    }
    PythonValue network = resources.get("network_interface_name");
    PythonValue topology = resources.get("topology");

    Map<String, PythonValue> values = new LinkedHashMap<>();
    values.put("additional_framework_parameters", inputs.hyperparameters().framework());
    values.put("channel_input_dirs", new PythonValue.Dict(channelFolders));
    values.put("current_host", new PythonValue.Text(cluster.currentHost));
    values.put("current_instance_group", cluster.currentGroup);
    values.put("current_instance_group_hosts", cluster.currentGroupHosts);
    values.put("current_instance_type", cluster.currentInstanceType);
    values.put("distribution_hosts", cluster.distributionHosts);
    values.put("distribution_instance_groups", cluster.distributionGroups);
    values.put("framework_module", text(outside.get("SAGEMAKER_TRAINING_MODULE")));
    values.put("hosts", cluster.hosts);
    values.put("hyperparameters", user);
    values.put("input_config_dir", path(paths.inputConfig()));
    values.put("input_data_config", inputs.channels());
    values.put("input_dir", path(paths.input()));
    values.put("instance_groups", cluster.groups);
    values.put("instance_groups_dict", cluster.groupsByName);
    values.put("is_hetero", new PythonValue.Bool(cluster.isHeterogeneous));
    values.put("is_master", new PythonValue.Bool(cluster.currentHost.equals(cluster.masterHost)));
    values.put("is_modelparallel_enabled", modelParallel());
    // Libraries of SageMaker's own images, which this container has not.
    values.put("is_smddpmprun_installed", new PythonValue.Bool(false));
    values.put("is_smddprun_installed", new PythonValue.Bool(false));
    values.put("job_name", text(outside.get("TRAINING_JOB_NAME")));
    values.put("log_level", logLevelValue());
    values.put("master_hostname", new PythonValue.Text(cluster.masterHost));
    values.put("model_dir", path(paths.model()));
    values.put("module_dir", new PythonValue.Text(moduleDirectory()));
    values.put("module_name", new PythonValue.Text(moduleName()));
    values.put(
        "network_interface_name",
        network.isTrue() ? network : new PythonValue.Text(NETWORK_INTERFACE));
    values.put("num_cpus", PythonValue.Int.of(machine.processors()));
    values.put("num_gpus", PythonValue.Int.of(machine.gpus()));
    values.put("num_neurons", PythonValue.Int.of(0));
    values.put("output_data_dir", path(paths.outputData()));
    values.put("output_dir", path(paths.output()));
    values.put("output_intermediate_dir", path(paths.outputIntermediate()));
    values.put("resource_config", resources);
    values.put("topology", topology.isTrue() ? topology : new PythonValue.Items(List.of()));
    values.put("user_entry_point", text(program().orElse(null)));
    return new PythonValue.Dict(values);
  }

  /** {@code train} for {@code train.py}; any other program keeps its ending. */
  private String moduleName() {
    String program = program().orElse("None");
    return program.endsWith(".py") ? program.substring(0, program.length() - 3) : program;
  }

  private PythonValue logLevelValue() {
    return inputs.hyperparameters().container(Hyperparameters.LOG_LEVEL, PythonValue.Int.of(INFO));
  }

  private PythonValue modelParallel() {
    String parameters = outside.get("SM_HP_MP_PARAMETERS");
    return parameters == null || parameters.isEmpty()
        ? text(parameters)
        : new PythonValue.Bool(!parameters.equals("{}"));
  }

  private String firstOf(String... names) {
    for (String name : names) {
      String value = outside.get(name);
      if (value != null && !value.isEmpty()) {
        return value;
      }
    }
    return "";
  }

  private PythonValue.Text code() {
    return path(paths.code());
  }

  private static PythonValue.Text path(java.nio.file.Path path) {
    return new PythonValue.Text(path.toString());
  }

  private static PythonValue text(@Nullable String value) {
    return value == null ? PythonValue.None.NONE : new PythonValue.Text(value);
  }
}
