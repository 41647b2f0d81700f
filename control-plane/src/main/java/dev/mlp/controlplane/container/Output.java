package dev.mlp.controlplane.container;

import dev.mlp.controlplane.artifact.S3Address;

/**
 * What is collected after the member has exited, whatever its exit code: the folder's content as
 * one {@code .tar.gz}.
 *
 * @param path the folder, relative to {@code /opt/ml}, such as {@code model}
 * @param evenEmpty after exit code 0, an empty or absent folder too makes an archive, without
 *     entries; otherwise it makes no object, so that nothing passes for the result of a failure
 */
public record Output(String path, S3Address destination, boolean evenEmpty) {
  /** Whether a folder without content makes an object, with the program's end known. */
  public boolean evenEmptyAfter(Phase.Exit exit) {
    return evenEmpty && exit.code() == 0;
  }
}
