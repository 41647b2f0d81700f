package dev.mlp.training.entrypoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mlp.training.contract.EntryPointKind;
import dev.mlp.training.contract.FailureText;
import dev.mlp.training.contract.Machine;
import dev.mlp.training.contract.MlPaths;
import dev.mlp.training.contract.TrainingEnvironment;
import dev.mlp.training.contract.TrainingInputs;
import dev.mlp.training.contract.UserCommand;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One run of a user's program, from the config files to the success or failure file. */
final class Training {
  private static final int SUCCESS = 0;
  private static final int FAILURE = 1;
  private static final int NO_SUCH_FILE = 2;
  private static final int ACCESS_DENIED = 13;
  private static final int CANNOT_EXECUTE = 126;
  private static final int TERMINATED = 143;

  private final MlPaths paths;
  private final Map<String, String> outside;
  private final Foreground foreground;
  private final Log log;

  /**
   * @param outside the environment of this process
   */
  Training(MlPaths paths, Map<String, String> outside, Foreground foreground, Log log) {
    this.paths = paths;
    this.outside = outside;
    this.foreground = foreground;
    this.log = log;
  }

  /**
   * Runs the program and writes down how it ended.
   *
   * @return the container's exit code: 0, 1 when the program failed, else what went wrong here
   */
  int run() throws IOException, InterruptedException {
    int exitCode;
    String failure;
    try {
      train();
      log.info("Reporting training SUCCESS");
      Files.createDirectories(paths.output());
      Files.writeString(paths.success(), "");
      return SUCCESS;
    } catch (StoppedException e) {
      log.info("Stopped before the program was started");
      return TERMINATED;
    } catch (ClientErrorException e) {
      failure = e.failureText();
      exitCode = FAILURE;
    } catch (IOException | RuntimeException e) {
      failure = FailureText.framework(e);
      exitCode =
          e instanceof NoSuchFileException
              ? NO_SUCH_FILE
              : e instanceof AccessDeniedException ? ACCESS_DENIED : FAILURE;
    }
    writeFailure(failure);
    log.error("Reporting training FAILURE");
    log.error(failure);
    return exitCode;
  }

  private void train()
      throws IOException, InterruptedException, ClientErrorException, StoppedException {
    Machine machine =
        new Machine(Runtime.getRuntime().availableProcessors(), GraphicsCards.count(outside));
    TrainingEnvironment environment =
        new TrainingEnvironment(paths, TrainingInputs.read(paths), machine, outside);
    log.level(environment.logLevel());
    String program = environment.program().orElse("");
    if (program.isEmpty()) {
      throw new ClientErrorException(
          "This job names no program. The hyperparameter sagemaker_program gives the file to run,"
              + " relative to the code folder: train.py, train.sh or train.jar. An image that"
              + " brings its own program is started by ContainerEntrypoint instead.");
    }
    CodeFolder.provide(paths, environment.moduleDirectory());
    Files.createDirectories(paths.model());
    Files.createDirectories(paths.outputData());

    EntryPointKind kind =
        EntryPointKind.of(program, Files.exists(paths.code().resolve("setup.py")));
    @Nullable Path pythonEnvironment = null;
    UserCommand command;
    if (kind == EntryPointKind.JAR) {
      command = jar(program, environment.arguments());
    } else if (kind == EntryPointKind.COMMAND) {
      command = command(program, environment.arguments());
    } else {
      PythonInstallation python = PythonInstallation.find(outside);
      if (kind == EntryPointKind.PYTHON_PROGRAM) {
        CodeFolder.program(paths.code(), program);
      }
      pythonEnvironment = pythonEnvironment(python, kind);
      String executable =
          pythonEnvironment == null
              ? python.executable().toString()
              : pythonEnvironment.resolve("bin/python").toString();
      command =
          kind == EntryPointKind.PYTHON_PROGRAM
              ? UserCommand.pythonProgram(executable, program, environment.arguments())
              : UserCommand.pythonModule(executable, program, environment.arguments());
    }

    ProcessBuilder process = new ProcessBuilder(command.words()).directory(paths.code().toFile());
    addVariables(process.environment(), environment.variables(), pythonEnvironment);
    log.info("Invoking script with the following command: " + command.shown());
    launch(process, command);
  }

  private UserCommand jar(String program, List<String> arguments)
      throws IOException, ClientErrorException {
    JarProgram jar = JarProgram.read(CodeFolder.program(paths.code(), program), program);
    return UserCommand.jar(
        Java.executable(),
        Java.options(outside),
        program,
        jar.libraries(outside),
        jar.mainClass(),
        arguments);
  }

  private UserCommand command(String program, List<String> arguments)
      throws IOException, ClientErrorException {
    Path file = CodeFolder.program(paths.code(), program);
    CodeFolder.makeExecutable(file, program);
    return UserCommand.command(program, arguments);
  }

  private @Nullable Path pythonEnvironment(PythonInstallation python, EntryPointKind kind)
      throws IOException, InterruptedException, ClientErrorException, StoppedException {
    boolean isPackage = kind == EntryPointKind.PYTHON_PACKAGE;
    if (!isPackage && !Files.exists(paths.code().resolve("requirements.txt"))) {
      return null;
    }
    String cache = outside.getOrDefault("MLP_CACHE_DIR", "");
    VirtualEnvironments environments =
        new VirtualEnvironments(
            cache.isEmpty() ? paths.base().resolveSibling("cache") : Path.of(cache),
            foreground,
            log);
    Path own = paths.base().resolve("venv");
    return isPackage
        ? environments.withPackage(python, paths.code(), own)
        : environments.withRequirements(python, paths.code(), own);
  }

  private static void addVariables(
      Map<String, String> environment,
      Map<String, String> variables,
      @Nullable Path pythonEnvironment)
      throws ClientErrorException {
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      try {
        environment.put(variable.getKey(), variable.getValue());
      } catch (IllegalArgumentException e) {
        throw new ClientErrorException(
            "The hyperparameter behind "
                + variable.getKey()
                + " cannot be passed on: a variable's name may not hold '=', nor its value a NUL"
                + " character");
      }
    }
    // Python holds back what it prints while its output is a file: the log would come at the end.
    environment.putIfAbsent("PYTHONUNBUFFERED", "1");
    if (pythonEnvironment != null) {
      environment.put("VIRTUAL_ENV", pythonEnvironment.toString());
      String path = environment.getOrDefault("PATH", "");
      environment.put("PATH", pythonEnvironment.resolve("bin") + ":" + path);
    }
  }

  private void launch(ProcessBuilder process, UserCommand command)
      throws InterruptedException, ClientErrorException, StoppedException {
    int exitCode;
    String message = "";
    try {
      exitCode = foreground.run(process);
    } catch (IOException e) {
      // An interpreter that its first line names and nobody has, arguments too long, and the like.
      exitCode = CANNOT_EXECUTE;
      message = String.valueOf(e.getMessage());
    }
    if (exitCode != SUCCESS) {
      throw new ClientErrorException(
          FailureText.executeUserScript(exitCode, message, command.shown()));
    }
  }

  /** What the program itself wrote stays. */
  private void writeFailure(String text) throws IOException {
    Files.createDirectories(paths.output());
    try {
      Files.write(paths.failure(), text.getBytes(UTF_8), StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      log.info("Failure file exists. Skipping creation....");
    }
  }
}
