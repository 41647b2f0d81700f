package dev.mlp.controlplane.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class NvidiaGpusTest {
  private static final String A = "GPU-8a4f1c2e-0000-1111-2222-333344445555";
  private static final String B = "GPU-9b5e2d3f-0000-1111-2222-333344445555";

  @TempDir Path folder;

  private List<Gpu> present(String script, Duration timeout) throws IOException {
    Path tool = folder.resolve("nvidia-smi");
    Files.writeString(tool, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwx------"));
    return new NvidiaGpus(tool.toString(), timeout).present();
  }

  @Test
  void readsWhatTheToolLists() throws IOException {
    String script =
        """
        test "$*" = "--query-gpu=uuid,memory.total --format=csv,noheader,nounits" || exit 3
        echo "%s, 81559"
        echo "%s, [N/A]"
        """
            .formatted(A, B);
    assertThat(present(script, Duration.ofSeconds(30)))
        .containsExactly(new Gpu(A, OptionalLong.of(81_559)), new Gpu(B, OptionalLong.empty()));
  }

  @Test
  void passesOverWhatIsNoGpu() {
    assertThat(
            NvidiaGpus.parse("WARNING: infoROM is corrupted, see the manual\n\n" + A + ", 16384\n"))
        .containsExactly(new Gpu(A, OptionalLong.of(16_384)));
    assertThat(NvidiaGpus.parse("No devices were found\n")).isEmpty();
  }

  @Test
  void thereAreNoneWithoutTheTool() {
    assertThat(
            new NvidiaGpus(folder.resolve("absent").toString(), Duration.ofSeconds(30)).present())
        .isEmpty();
  }

  @Test
  void thereAreNoneWhereTheToolFails() throws IOException {
    assertThat(present("echo '" + A + ", 1'; exit 9", Duration.ofSeconds(30))).isEmpty();
  }

  @Test
  @Timeout(20)
  void aToolThatHangsIsNotWaitedFor() throws IOException {
    assertThat(present("echo '" + A + ", 1'; exec sleep 600", Duration.ofMillis(200))).isEmpty();
  }
}
