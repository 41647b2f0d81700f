package dev.mlp.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server of one's own, in a session of its own: Ctrl-C at the terminal must not end it before it
 * is cleaned up.
 */
final class ServerProcess {
  private static final Pattern READY = Pattern.compile("mlp is ready at (https?://\\S+)");
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(15);
  private static final int SHOWN_LINES = 5;

  private final Process process;
  private final Path log;

  private ServerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts {@code mlp server} on a free port; its output goes to {@code server.log} in the
   * directory.
   *
   * @param options further ones of {@code mlp server}
   */
  static ServerProcess start(Path launcher, Path dataDirectory, List<String> options) {
    List<String> command = new ArrayList<>();
    Path setsid = Path.of("/usr/bin/setsid");
    if (Files.isExecutable(setsid)) {
      command.add(setsid.toString());
    }
    command.addAll(
        List.of(
            launcher.toString(), "server", "--data-dir", dataDirectory.toString(), "--port", "0"));
    command.addAll(options);
    // A file, not a pipe: a server that is kept outlives us, and would break on a pipe nobody
    // reads.
    Path log = dataDirectory.resolve("server.log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    // We run, so what the launcher would build is built.
    builder.environment().put("MLP_SKIP_BUILD", "1");
    try {
      return new ServerProcess(builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + launcher + ": " + e.getMessage(), e);
    }
  }

  long pid() {
    return process.pid();
  }

  /**
   * Waits for the server to say where it is.
   *
   * @throws CommandFailure with its last lines, if it ends or says nothing for a minute
   */
  String awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + START.toNanos();
    while (true) {
      boolean ended = !process.isAlive();
      Matcher ready = READY.matcher(output());
      if (ready.find()) {
        return ready.group(1);
      }
      if (ended) {
        throw new CommandFailure(
            "the server ended with exit code " + process.exitValue() + ": " + lastLines());
      }
      if (System.nanoTime() > deadline) {
        throw new CommandFailure("the server is not ready after 60 s: " + lastLines());
      }
      process.waitFor(20, TimeUnit.MILLISECONDS);
    }
  }

  /** Ends the server and everything it has started and left behind. */
  void stop() {
    List<ProcessHandle> started = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    // A server leaves running work to its next start, and this one has none.
    started.forEach(ProcessHandle::destroyForcibly);
  }

  private String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + log + ": " + e.getMessage(), e);
    }
  }

  private String lastLines() {
    List<String> lines = output().lines().filter(line -> !line.isBlank()).toList();
    return lines.isEmpty()
        ? "it has said nothing"
        : String.join(" | ", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()));
  }
}
