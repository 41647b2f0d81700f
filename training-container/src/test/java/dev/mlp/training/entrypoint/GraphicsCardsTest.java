package dev.mlp.training.entrypoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphicsCardsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "'echo \"GPU 0: A\"; echo \"GPU 1: B\"; echo other', 2",
    "'echo No devices were found', 0",
    "'echo \"GPU 0: A\"; exit 9', 0"
  })
  void countsWhatTheDriverLists(String script, int cards) throws Exception {
    Path tool = folder.resolve("nvidia-smi");
    Files.writeString(tool, "#!/bin/sh\n[ \"$1\" = --list-gpus ] || exit 1\n" + script + "\n");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
    Map<String, String> environment = Map.of("PATH", "/no/such/folder:" + folder + ":");
    assertThat(GraphicsCards.count(environment)).isEqualTo(cards);
  }

  @Test
  void aMachineWithoutTheDriverHasNone() throws Exception {
    assertThat(GraphicsCards.count(Map.of("PATH", folder.toString()))).isZero();
    assertThat(GraphicsCards.count(Map.of())).isZero();
  }
}
