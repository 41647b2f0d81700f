package dev.mlp.controlplane.container;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * One instance of a group.
 *
 * @param hostName such as {@code algo-1}; unique in the group
 * @param image the image's name as the request has it
 * @param entrypoint replaces the image's; empty keeps it
 * @param arguments to the entrypoint, such as {@code train} or {@code serve}
 * @param environment variables by name; the runtime adds what only it can know (base folder, port)
 * @param files small files written before the start: path relative to {@code /opt/ml} → content
 * @param inputs staged before the start
 * @param outputs collected after the exit
 * @param failureFile read at exit (first 1,024 characters), relative to {@code /opt/ml}
 * @param log the file that both output streams are appended to, in order
 * @param servingPort the port that it will listen on, published by the runtime; empty for none
 */
public record MemberSpec(
    String hostName,
    String image,
    List<String> entrypoint,
    List<String> arguments,
    Map<String, String> environment,
    Map<String, String> files,
    List<Input> inputs,
    List<Output> outputs,
    String failureFile,
    Path log,
    OptionalInt servingPort,
    Resources resources) {
  public MemberSpec {
    entrypoint = List.copyOf(entrypoint);
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
    files = Map.copyOf(files);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** Without the environment, which holds keys. */
  @Override
  public String toString() {
    return "MemberSpec[" + hostName + ", " + image + "]";
  }
}
