package dev.mlp.controlplane.container.docker;

import dev.mlp.controlplane.container.MemberSpec;
import java.io.IOException;

/** Why a container does not start: the engine's words, and what they mean. */
final class StartFailure {
  private StartFailure() {}

  static IOException explained(MemberSpec member, EngineException e) {
    String text = String.valueOf(e.getMessage());
    if (text.contains("could not select device driver")) {
      return new IOException(
          "The Docker engine cannot give GPUs %s to a container: NVIDIA's container toolkit is not installed on its machine (%s)"
              .formatted(member.resources().gpus(), text),
          e);
    }
    if (text.contains("docker-init")) {
      return new IOException(
          "The Docker engine has no docker-init (Debian: package tini): " + text, e);
    }
    return new IOException(
        "The container of image \"%s\" did not start: %s".formatted(member.image(), text), e);
  }
}
