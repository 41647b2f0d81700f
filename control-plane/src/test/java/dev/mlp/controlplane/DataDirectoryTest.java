package dev.mlp.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir Path folder;

  @Test
  void isHeldByOneAtATimeAndNamesWhoHasIt() throws Exception {
    Path root = folder.resolve("data");
    try (DataDirectory first = DataDirectory.open(root)) {
      first.publishServer("http://127.0.0.1:4711", "2026-01-01T00:00:00Z", "1", "process", "1 MiB");

      assertThatThrownBy(() -> DataDirectory.open(root))
          .isInstanceOf(DataDirectory.InUseException.class)
          .hasMessageContaining("http://127.0.0.1:4711")
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
    try (DataDirectory second = DataDirectory.open(root)) {
      assertThat(second.logs()).isDirectory();
      assertThat(root.resolve("server.json")).doesNotExist();
    }
  }

  @Test
  void aFolderThatCannotBeWrittenToIsNamedWithWhatToDo() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> DataDirectory.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("data directory " + file + " must be a folder that the server can")
        .hasMessageEndingWith("choose another one with --data-dir")
        .hasMessageNotContaining("Exception");
    Files.createDirectories(folder.resolve("locked").resolve("server.lock"));
    assertThatThrownBy(() -> DataDirectory.open(folder.resolve("locked")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("must be a folder that the server can write to")
        .hasMessageContaining("Is a directory");
  }

  @Test
  void onlyItsOwnerReadsTheKeys() throws Exception {
    Path root = folder.resolve("data");
    try (DataDirectory directory = DataDirectory.open(root)) {
      directory.publishCredentials(
          new DataDirectory.ClientSettings(
              "id", "secret", "us-east-1", "123456789012", "arn", "training", "inference"));
    }

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root)))
        .isEqualTo("rwx------");
    Path credentials = root.resolve("credentials.json");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(credentials)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(credentials)).contains("\"secretAccessKey\" : \"secret\"");
  }

  @Test
  void aSecretIsNeverPrinted() {
    assertThat(
            new DataDirectory.ClientSettings("id", "hidden", "r", "a", "arn", "t", "i").toString())
        .doesNotContain("hidden");
    assertThat(new Config.ObjectStore("e", "r", "id", "hidden").toString())
        .doesNotContain("hidden");
  }
}
