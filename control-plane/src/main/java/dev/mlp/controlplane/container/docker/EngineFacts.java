package dev.mlp.controlplane.container.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What an engine says of itself.
 *
 * @param cpus of its machine
 * @param memoryBytes of its machine
 * @param gpus it has NVIDIA's runtime
 * @param desktop it runs in a virtual machine of the user's, as Docker Desktop does
 * @param rootDirectory where it keeps its files, on its machine
 * @param plainRoot root in a container is root of the machine, without labels on files in between
 */
record EngineFacts(
    int cpus,
    long memoryBytes,
    boolean gpus,
    boolean desktop,
    String rootDirectory,
    boolean plainRoot) {
  static EngineFacts ask(EngineConnection connection) throws IOException {
    return of(connection.getJson("/info"));
  }

  static EngineFacts of(JsonNode info) {
    boolean plain = true;
    for (JsonNode option : info.path("SecurityOptions")) {
      String text = option.asText();
      plain &=
          !text.startsWith("name=rootless")
              && !text.startsWith("name=userns")
              && !text.startsWith("name=selinux");
    }
    return new EngineFacts(
        info.path("NCPU").asInt(1),
        info.path("MemTotal").asLong(),
        info.path("Runtimes").has("nvidia"),
        info.path("OperatingSystem").asText().contains("Docker Desktop"),
        info.path("DockerRootDir").asText(),
        plain);
  }

  /** Whether it can mount folders of this process: both see one file system, as root. */
  boolean sharesFolders(EngineConnection connection) {
    try {
      return connection.isLocal()
          && !desktop
          && plainRoot
          && Files.isDirectory(Path.of(rootDirectory, "containers"))
          && Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
