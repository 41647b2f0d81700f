package dev.mlp.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What runs instances in this run of the tests: the build runs them once with each. */
enum TestRuntime {
  PROCESS,
  DOCKER;

  /** Set by the build; processes where nobody has set it. */
  static TestRuntime current() {
    return valueOf(System.getProperty("mlp.test.runtime", "process").toUpperCase(Locale.ROOT));
  }

  /** As {@code mlp server --runtime} has it; the test is skipped where there is no engine. */
  String option() {
    if (this == DOCKER) {
      assumeTrue(Engine.SHARED.isPresent(), "skipped: no Docker engine answers");
    }
    return name().toLowerCase(Locale.ROOT);
  }

  /** Skips the test unless there is a Docker engine, and this is its run. */
  static Engine requireDocker() {
    assumeTrue(current() == DOCKER, "skipped: for the run with Docker");
    assumeTrue(Engine.SHARED.isPresent(), "skipped: no Docker engine answers");
    return Engine.SHARED.orElseThrow();
  }

  /** The engine as its own command line sees it. */
  static final class Engine {
    static final Optional<Engine> SHARED = find();

    private Engine() {}

    private static Optional<Engine> find() {
      try {
        Engine engine = new Engine();
        return engine.command("version", "--format", "{{.Server.Version}}").exitCode() == 0
            ? Optional.of(engine)
            : Optional.empty();
      } catch (Exception e) {
        return Optional.empty();
      }
    }

    Command.Result command(String... arguments) throws Exception {
      String[] line = new String[arguments.length + 1];
      line[0] = "docker";
      System.arraycopy(arguments, 0, line, 1, arguments.length);
      return new Command(List.of(line), Map.of(), Command.home())
          .run(java.time.Duration.ofMinutes(5));
    }

    String docker(String... arguments) throws Exception {
      return command(arguments).orFail().strip();
    }

    /**
     * The ids of a server's containers in these states, such as {@code running}; all where none.
     */
    List<String> containers(String server, String... states) throws Exception {
      java.util.ArrayList<String> line =
          new java.util.ArrayList<>(
              List.of("ps", "-aq", "--no-trunc", "--filter", "label=dev.mlp.server=" + server));
      for (String state : states) {
        line.addAll(List.of("--filter", "status=" + state));
      }
      return docker(line.toArray(String[]::new)).lines().filter(id -> !id.isBlank()).toList();
    }

    /** All that a server has on the engine. */
    List<String> remains(String server) throws Exception {
      String label = "label=dev.mlp.server=" + server;
      java.util.ArrayList<String> all = new java.util.ArrayList<>(containers(server));
      docker("volume", "ls", "-q", "--filter", label).lines().forEach(all::add);
      docker("network", "ls", "--format", "{{.Name}}", "--filter", label).lines().forEach(all::add);
      return all.stream().filter(name -> !name.isBlank()).toList();
    }

    void assertNothingOf(String server) throws Exception {
      assertThat(remains(server)).isEmpty();
    }
  }
}
