package dev.mlp.controlplane.container;

import dev.mlp.controlplane.artifact.S3Address;

/**
 * What is collected after the member has exited, whatever its exit code: the folder's content as
 * one {@code .tar.gz}. An empty or absent folder makes no object unless {@code always}.
 *
 * @param path the folder, relative to {@code /opt/ml}, such as {@code model}
 * @param always also store an archive without entries
 */
public record Output(String path, S3Address destination, boolean always) {}
