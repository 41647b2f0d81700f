package dev.mlp.cli;

import dev.mlp.sdk.testing.FakeAws;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Runs commands against a fake platform and keeps what they print. */
final class Shell implements AutoCloseable {
  final FakeAws aws = new FakeAws();
  final Map<String, String> environment = new TreeMap<>(aws.variables());
  private String out = "";
  private String err = "";

  int run(String... args) {
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    int code =
        Main.run(
            new Context(
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8),
                environment,
                Terminal.NONE),
            args);
    out = outBytes.toString(StandardCharsets.UTF_8);
    err = errBytes.toString(StandardCharsets.UTF_8);
    return code;
  }

  /** Standard output of the last command. */
  String out() {
    return out;
  }

  /** Standard error of the last command. */
  String err() {
    return err;
  }

  /** Standard output as the one JSON document it has to be. */
  Object json() {
    Object tree = Tree.json(out, "standard output");
    if (tree == null) {
      throw new AssertionError("null is no document");
    }
    return tree;
  }

  @Override
  public void close() {
    aws.close();
  }
}
