package dev.mlp.training.entrypoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mlp.training.contract.FailureText;
import dev.mlp.training.contract.UserCommand;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes Python environments that hold what a job requires on top of the machine's own packages.
 *
 * <p>Requirements that stand alone are installed once per machine: the environment's name is the
 * hash of the file and of the Python below it. An environment cannot be moved, its scripts hold its
 * path, so it is made in place: under a lock that dies with its holder, and declared whole by a
 * marker file, created last. Whatever has no marker is half-made, and is made anew.
 */
final class VirtualEnvironments {
  private static final String REQUIREMENTS = "requirements.txt";
  private static final String MARKER = ".complete";
  private static final long LOCK_POLL_MILLIS = 200;

  private final Path cache;
  private final Foreground foreground;
  private final Log log;

  /**
   * @param cache shared by the jobs of a machine; created when needed
   */
  VirtualEnvironments(Path cache, Foreground foreground, Log log) {
    this.cache = cache;
    this.foreground = foreground;
    this.log = log;
  }

  /**
   * The environment for a program beside a {@code requirements.txt}.
   *
   * @param own where an environment goes that no other job can use
   * @return its folder
   */
  Path withRequirements(PythonInstallation python, Path code, Path own)
      throws IOException, InterruptedException, ClientErrorException, StoppedException {
    String requirements = Files.readString(code.resolve(REQUIREMENTS));
    PythonInstallation.Inspection inspection = python.inspect();
    if (!RequirementsFile.standsAlone(requirements)) {
      log.info(
          "Installing requirements.txt into a Python environment of this job's own,"
              + " because it names local files");
      return make(python, inspection.hasPip(), code, own, List.of("-r", REQUIREMENTS));
    }
    Path shared = cache.resolve("python").resolve(key(requirements, inspection.fingerprint()));
    if (isComplete(shared)) {
      log.info("Using the Python environment that was made for this requirements.txt: " + shared);
      return shared;
    }
    Files.createDirectories(shared.getParent());
    Path lockFile = shared.resolveSibling(shared.getFileName() + ".lock");
    try (FileChannel channel =
        FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock(channel);
      if (isComplete(shared)) {
        log.info("Using the Python environment that another job made: " + shared);
        return shared;
      }
      log.info(
          "Installing requirements.txt into a new Python environment, kept for later jobs: "
              + shared);
      make(python, inspection.hasPip(), code, shared, List.of("-r", REQUIREMENTS));
      Files.createFile(shared.resolve(MARKER));
      return shared;
    }
  }

  /** The environment for a program that is a Python package itself, with its requirements. */
  Path withPackage(PythonInstallation python, Path code, Path own)
      throws IOException, InterruptedException, ClientErrorException, StoppedException {
    log.info("Installing the program's package into a Python environment of this job's own");
    return make(
        python,
        python.inspect().hasPip(),
        code,
        own,
        Files.exists(code.resolve(REQUIREMENTS)) ? List.of(".", "-r", REQUIREMENTS) : List.of("."));
  }

  private Path make(
      PythonInstallation python,
      boolean hasPip,
      Path code,
      Path environment,
      List<String> pipArguments)
      throws IOException, InterruptedException, ClientErrorException, StoppedException {
    delete(environment);
    boolean isMade = false;
    try {
      List<String> venv =
          new ArrayList<>(
              List.of(python.executable().toString(), "-m", "venv", "--system-site-packages"));
      if (hasPip) {
        // The machine's own pip serves the environment too; a copy would take seconds.
        venv.add("--without-pip");
      }
      venv.add(environment.toString());
      run(
          code,
          "python3 -m venv failed; on Debian and Ubuntu it needs the package python3-venv",
          venv);
      Path executable = environment.resolve("bin/python");
      if (hasPip) {
        addPipCommand(environment.resolve("bin"), executable);
      }
      List<String> pip = new ArrayList<>(List.of(executable.toString(), "-m", "pip", "install"));
      pip.addAll(pipArguments);
      run(code, "", pip);
      isMade = true;
      return environment;
    } finally {
      if (!isMade) {
        delete(environment);
      }
    }
  }

  /** For programs that call {@code pip} by name: the machine's would install elsewhere. */
  private static void addPipCommand(Path bin, Path python) throws IOException {
    for (String name : List.of("pip", "pip3")) {
      Path command = bin.resolve(name);
      Files.writeString(
          command, "#!/bin/sh\nexec " + UserCommand.quote(python.toString()) + " -m pip \"$@\"\n");
      Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  private void run(Path code, String message, List<String> command)
      throws IOException, InterruptedException, ClientErrorException, StoppedException {
    ProcessBuilder process = new ProcessBuilder(command).directory(code.toFile());
    process.environment().putIfAbsent("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    process.environment().putIfAbsent("PIP_NO_INPUT", "1");
    int exitCode = foreground.run(process);
    if (exitCode != 0) {
      String shown = String.join(" ", command);
      throw new ClientErrorException(
          command.contains(".")
              ? FailureText.installModule(exitCode, message, shown)
              : FailureText.installRequirements(exitCode, message, shown));
    }
  }

  /** Waits for the lock, but not past the signal to stop. Closing the channel gives it back. */
  private void lock(FileChannel channel)
      throws IOException, InterruptedException, StoppedException {
    @Nullable FileLock lock = channel.tryLock();
    if (lock == null) {
      log.info("Another job is installing the same requirements.txt; waiting for it");
    }
    while (lock == null) {
      foreground.checkNotStopping();
      Thread.sleep(LOCK_POLL_MILLIS);
      lock = channel.tryLock();
    }
  }

  private static boolean isComplete(Path environment) {
    return Files.exists(environment.resolve(MARKER));
  }

  private static String key(String requirements, String fingerprint) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(requirements.getBytes(UTF_8));
      digest.update((byte) 0);
      digest.update(fingerprint.getBytes(UTF_8));
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
