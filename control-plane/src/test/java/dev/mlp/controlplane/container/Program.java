package dev.mlp.controlplane.container;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a test's instance does, in steps that every runtime under test can carry out. */
record Program(List<Step> steps) {
  sealed interface Step {
    /** One line to the log. */
    record Print(String line) implements Step {}

    /** A file below the instance's folder. */
    record Write(String path, String text) implements Step {}

    /** Goes on when the file is there; the path is the test's own. */
    record Await(Path file) implements Step {}

    /** SIGTERM has no effect from now on. */
    record IgnoreTerm() implements Step {}

    /** Answers on the serving port, and never ends by itself. */
    record Serve() implements Step {}

    /** Dies by this signal. */
    record Die(int signal) implements Step {}

    /** Ends with this code. */
    record Exit(int code) implements Step {}
  }

  Program {
    steps = List.copyOf(steps);
  }

  static Program of(Step... steps) {
    return new Program(List.of(steps));
  }

  Program then(Step step) {
    List<Step> all = new ArrayList<>(steps);
    all.add(step);
    return new Program(all);
  }

  static Step print(String line) {
    return new Step.Print(line);
  }

  static Step write(String path, String text) {
    return new Step.Write(path, text);
  }

  static Step await(Path file) {
    return new Step.Await(file);
  }

  static Step exit(int code) {
    return new Step.Exit(code);
  }
}
