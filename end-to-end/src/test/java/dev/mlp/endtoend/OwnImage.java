package dev.mlp.endtoend;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A container of the tests' own, with python and nothing of the project; made once per run. */
final class OwnImage implements AutoCloseable {
  private final TestRuntime.Engine engine;
  private final String name;

  private OwnImage(TestRuntime.Engine engine, String name) {
    this.engine = engine;
    this.name = name;
  }

  static OwnImage build(TestRuntime.Engine engine) throws Exception {
    String name = "mlp-test-own:" + ProcessHandle.current().pid();
    engine.docker(
        "build",
        "-q",
        "--network",
        "none",
        "--build-arg",
        "BASE_IMAGE=" + base(engine),
        "-t",
        name,
        context().toString());
    return new OwnImage(engine, name);
  }

  /** What the built-in images are made from: a system with python. */
  private static String base(TestRuntime.Engine engine) throws Exception {
    List<String> bases =
        engine
            .docker("images", "--format", "{{.Repository}}:{{.Tag}}", "mlp-machine")
            .lines()
            .toList();
    Optional<String> base = bases.stream().filter(name -> !name.isBlank()).findFirst();
    if (base.isPresent()) {
      return base.get();
    }
    Command.mlp("images", "build").run(java.time.Duration.ofMinutes(9)).orFail();
    return base(engine);
  }

  private static Path context() throws URISyntaxException {
    URL dockerfile =
        Objects.requireNonNull(OwnImage.class.getResource("/own-container/Dockerfile"));
    return Path.of(dockerfile.toURI()).resolveSibling(".").normalize();
  }

  String name() {
    return name;
  }

  @Override
  public void close() {
    try {
      var _ = engine.command("rmi", "-f", name);
    } catch (Exception e) {
      throw new AssertionError("cannot remove " + name, e);
    }
  }
}
