package dev.mlp.training.job;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The training job that this process is: what it was asked for and where things are.
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *   System.exit(TrainingJob.run(job -> {
 *     int epochs = job.hyperparameter("epochs", 100);
 *     Path csv = job.channel("train").resolve("data.csv");
 *     ...
 *     job.metric("validation:auc", 0.88);
 *     save(job.modelDirectory());
 *   }));
 * }
 * }</pre>
 *
 * It reads the {@code SM_*} variables of the training contract. What they leave open follows from a
 * base folder with the contract's own layout, so that a program also runs in a bare container, or
 * by hand:
 *
 * <table>
 * <caption>Where each value comes from</caption>
 * <tr><th>value</th><th>variable</th><th>without it</th></tr>
 * <tr><td>base folder</td><td>{@code SAGEMAKER_BASE_DIR}</td><td>{@code /opt/ml} if it exists, else {@code ml} in the working folder</td></tr>
 * <tr><td>hyperparameters</td><td>{@code SM_HPS}</td><td>{@code input/config/hyperparameters.json}, else none</td></tr>
 * <tr><td>channel</td><td>{@code SM_CHANNEL_<NAME>}</td><td>{@code input/data/<name>}</td></tr>
 * <tr><td>model folder</td><td>{@code SM_MODEL_DIR}</td><td>{@code model}</td></tr>
 * <tr><td>output data</td><td>{@code SM_OUTPUT_DATA_DIR}</td><td>{@code output/data}</td></tr>
 * <tr><td>failure file</td><td>{@code SM_OUTPUT_DIR}{@code /failure}</td><td>{@code output/failure}</td></tr>
 * <tr><td>hosts, this host</td><td>{@code SM_HOSTS}, {@code SM_CURRENT_HOST}</td><td>{@code algo-1} alone</td></tr>
 * <tr><td>GPUs</td><td>{@code SM_NUM_GPUS}</td><td>0</td></tr>
 * </table>
 *
 * Immutable but for the files it writes; safe for use by several threads.
 */
public final class TrainingJob {

  /** The platform shows no more than this many characters of the failure file. */
  private static final int FAILURE_REASON_LENGTH = 1024;

  private static final String CHANNEL = "SM_CHANNEL_";

  private final Map<String, String> environment;
  private final Path base;
  private final PrintStream log;
  private final Map<String, String> hyperparameters;

  private TrainingJob(Map<String, String> environment, Path base, PrintStream log) {
    this.environment = Map.copyOf(environment);
    this.base = base;
    this.log = log;
    this.hyperparameters = readHyperparameters();
  }

  /**
   * The job that this process' environment describes; metrics go to standard output.
   *
   * @throws TrainingFailure if the hyperparameters are not readable
   */
  public static TrainingJob fromEnvironment() {
    return from(System.getenv(), System.out);
  }

  /**
   * The job that these variables describe, for a program's own tests; {@code log} takes the
   * metrics.
   */
  public static TrainingJob from(Map<String, String> environment, PrintStream log) {
    return new TrainingJob(environment, baseDirectory(environment), log);
  }

  /**
   * Runs a program to its end and answers the exit code for {@link System#exit}: 0, or 1 after a
   * failure, whose message then stands in the log and in the failure file.
   */
  public static int run(TrainingProgram program) {
    return run(program, System.getenv(), System.out);
  }

  /** As {@link #run(TrainingProgram)}, for a program's own tests. */
  public static int run(TrainingProgram program, Map<String, String> environment, PrintStream log) {
    try {
      program.train(from(environment, log));
      return 0;
    } catch (TrainingFailure failure) {
      return failed(reasonOf(failure), environment, log);
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      e.printStackTrace(log);
      return failed(e.toString(), environment, log);
    }
  }

  /** The names of all hyperparameters given, in order. */
  public Set<String> hyperparameterNames() {
    return hyperparameters.keySet();
  }

  /** A hyperparameter's text, or nothing where it was not given. A nested value is JSON text. */
  public Optional<String> hyperparameter(String name) {
    return Optional.ofNullable(hyperparameters.get(name));
  }

  /** A text; an empty one counts as given. */
  public String hyperparameter(String name, String defaultValue) {
    return hyperparameter(name).orElse(defaultValue);
  }

  /**
   * A whole number. {@code 1e3} and {@code 10.0} are whole numbers too: some clients write them so.
   *
   * @throws TrainingFailure naming the key, the value and what was expected
   */
  public int hyperparameter(String name, int defaultValue) {
    return parsed(
        name, defaultValue, "a whole number", text -> new BigDecimal(text).intValueExact());
  }

  /** As {@link #hyperparameter(String, int)}, with 64 bits. */
  public long hyperparameter(String name, long defaultValue) {
    return parsed(
        name, defaultValue, "a whole number", text -> new BigDecimal(text).longValueExact());
  }

  /**
   * A finite number.
   *
   * @throws TrainingFailure naming the key, the value and what was expected
   */
  public double hyperparameter(String name, double defaultValue) {
    return parsed(
        name,
        defaultValue,
        "a number",
        text -> {
          double value = new BigDecimal(text).doubleValue();
          if (Double.isInfinite(value)) {
            throw new NumberFormatException("out of range");
          }
          return value;
        });
  }

  /**
   * {@code true} or {@code false}, in any case.
   *
   * @throws TrainingFailure naming the key, the value and what was expected
   */
  public boolean hyperparameter(String name, boolean defaultValue) {
    return parsed(
        name,
        defaultValue,
        "true or false",
        text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "true" -> true;
              case "false" -> false;
              default -> throw new IllegalArgumentException(text);
            });
  }

  /**
   * The folder (or the file) that holds a channel's data.
   *
   * @throws TrainingFailure if the job has no such channel, naming those it has
   */
  public Path channel(String name) {
    String given = environment.get(CHANNEL + name.toUpperCase(Locale.ROOT));
    Path path = given == null ? base.resolve("input", "data", name) : Path.of(given);
    if (!Files.exists(path)) {
      Set<String> channels = channels();
      throw new TrainingFailure(
          "channel '"
              + name
              + "' does not exist: "
              + (channels.isEmpty()
                  ? "the job has no channels"
                  : "the job's channels are " + String.join(", ", channels))
              + " (looked for "
              + path
              + ")");
    }
    return path;
  }

  /** The names of the job's channels, sorted. */
  public Set<String> channels() {
    String listed = environment.get("SM_CHANNELS");
    if (listed != null) {
      return new TreeSet<>(Hyperparameters.parseNames(listed, "SM_CHANNELS"));
    }
    Set<String> names = new TreeSet<>();
    for (String variable : environment.keySet()) {
      if (variable.startsWith(CHANNEL)) {
        names.add(variable.substring(CHANNEL.length()).toLowerCase(Locale.ROOT));
      }
    }
    Path data = base.resolve("input", "data");
    if (Files.isDirectory(data)) {
      try (Stream<Path> folders = Files.list(data)) {
        folders.map(folder -> folder.getFileName().toString()).forEach(names::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return names;
  }

  /** Where the model goes; it exists. The platform makes {@code model.tar.gz} of it. */
  public Path modelDirectory() {
    return created(path("SM_MODEL_DIR", "model"));
  }

  /**
   * Where anything else that is worth keeping goes; it exists. The platform makes {@code
   * output.tar.gz} of it.
   */
  public Path outputDataDirectory() {
    return created(path("SM_OUTPUT_DATA_DIR", "output/data"));
  }

  /** The names of all hosts of the job, this one among them. */
  public List<String> hosts() {
    String hosts = environment.get("SM_HOSTS");
    return hosts == null ? List.of(currentHost()) : Hyperparameters.parseNames(hosts, "SM_HOSTS");
  }

  /** The name of this host. */
  public String currentHost() {
    return environment.getOrDefault("SM_CURRENT_HOST", "algo-1");
  }

  /** How many GPUs this host has. */
  public int gpus() {
    String gpus = environment.getOrDefault("SM_NUM_GPUS", "0");
    try {
      return Integer.parseInt(gpus);
    } catch (NumberFormatException e) {
      throw new TrainingFailure("SM_NUM_GPUS is '" + gpus + "': expected a whole number", e);
    }
  }

  /** Writes a line to the job's log. */
  public void log(String line) {
    log.println(line);
  }

  /**
   * Writes a metric as a line of its own: {@code validation:auc=0.88;}. {@link Metric#regex} finds
   * it there.
   */
  public void metric(String name, double value) {
    log.println(new Metric(name, value));
  }

  /**
   * Writes several metrics in one line: {@code epoch 3/40 train:loss=0.43; validation:auc=0.87;}.
   */
  public void metrics(String heading, Metric... metrics) {
    log.println(
        Stream.concat(Stream.of(heading), Arrays.stream(metrics).map(Metric::toString))
            .collect(Collectors.joining(" ")));
  }

  /**
   * Writes the failure file: the platform shows its first 1,024 characters as the job's failure
   * reason. The program still has to end with an exit code other than 0; {@link
   * #run(TrainingProgram)} does both.
   */
  public void reportFailure(String reason) {
    writeFailure(base, environment, reason);
  }

  private <T> T parsed(String name, T defaultValue, String expected, Function<String, T> parser) {
    String text = hyperparameters.get(name);
    if (text == null) {
      return defaultValue;
    }
    try {
      return parser.apply(text.strip());
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new TrainingFailure(
          "hyperparameter '" + name + "' is '" + text + "': expected " + expected, e);
    }
  }

  private Map<String, String> readHyperparameters() {
    String given = environment.get("SM_HPS");
    if (given != null) {
      return Hyperparameters.parse(given, "SM_HPS");
    }
    Path file = base.resolve("input", "config", "hyperparameters.json");
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      return Hyperparameters.parseConfiguration(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private Path path(String variable, String belowBase) {
    String given = environment.get(variable);
    return given == null ? base.resolve(belowBase) : Path.of(given);
  }

  private static Path created(Path directory) {
    try {
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + directory, e);
    }
  }

  private static Path baseDirectory(Map<String, String> environment) {
    return Optional.ofNullable(environment.get("SAGEMAKER_BASE_DIR"))
        .map(Path::of)
        .or(() -> Optional.of(Path.of("/opt/ml")).filter(Files::isDirectory))
        .orElse(Path.of("ml"));
  }

  private static int failed(String reason, Map<String, String> environment, PrintStream log) {
    log.println("Training failed: " + reason);
    try {
      writeFailure(baseDirectory(environment), environment, reason);
    } catch (UncheckedIOException e) {
      log.println(e.getMessage() + ": " + e.getCause());
    }
    return 1;
  }

  private static void writeFailure(Path base, Map<String, String> environment, String reason) {
    String output = environment.get("SM_OUTPUT_DIR");
    Path file = (output == null ? base.resolve("output") : Path.of(output)).resolve("failure");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(
          file, reason.substring(0, Math.min(reason.length(), FAILURE_REASON_LENGTH)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static String reasonOf(TrainingFailure failure) {
    return Objects.requireNonNullElse(failure.getMessage(), failure.toString());
  }
}
