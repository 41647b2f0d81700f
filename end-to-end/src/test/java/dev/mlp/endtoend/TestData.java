package dev.mlp.endtoend;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Real data that is not part of the project: {@code MLP_TEST_DATA}, or {@code ../shared/data}. */
final class TestData {
  private TestData() {}

  /** The file or folder; the test is skipped, saying so, where it is absent. */
  static Path require(String name) {
    String configured = System.getenv("MLP_TEST_DATA");
    Path folder =
        configured == null
            ? Command.home().resolve("../shared/data").normalize()
            : Path.of(configured);
    Path file = folder.resolve(name);
    assumeTrue(Files.exists(file), () -> "skipped: " + file + " is not there");
    return file;
  }
}
