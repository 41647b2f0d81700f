package dev.mlp.controlplane.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CollectingTest {
  private static final S3Address DESTINATION = S3Address.parse("s3://bucket/out/model.tar.gz");

  @TempDir Path temporary;
  private Path folder;
  private final FakeArtifactStore store = new FakeArtifactStore();
  private final Collecting collecting = new Collecting(store);

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(temporary.resolve("model"));
  }

  @Test
  void storesAllFilesWithTheirNames() throws IOException {
    Files.createDirectories(folder.resolve("1/variables"));
    Files.writeString(folder.resolve("1/saved_model.pb"), "m");
    Files.writeString(folder.resolve("1/variables/" + "long".repeat(60)), "v");
    Files.writeString(folder.resolve("größe"), "u");
    assertThat(collect(false)).isTrue();
    assertThat(stored())
        .containsOnly(
            Map.entry("1/saved_model.pb", "m"),
            Map.entry("1/variables/" + "long".repeat(60), "v"),
            Map.entry("größe", "u"));
    assertThat(temporary.resolve("archive")).doesNotExist();
  }

  @Test
  void keepsLinksThatStayInsideAndLeavesTheOthersOut() throws IOException {
    Files.writeString(temporary.resolve("secret"), "secret");
    Files.writeString(folder.resolve("weights"), "w");
    Files.createSymbolicLink(folder.resolve("latest"), Path.of("weights"));
    Files.createSymbolicLink(folder.resolve("outside"), Path.of("../secret"));
    Files.createSymbolicLink(folder.resolve("absolute"), temporary.resolve("secret"));
    assertThat(collect(false)).isTrue();
    assertThat(stored()).containsOnly(Map.entry("weights", "w"), Map.entry("latest", "-> weights"));
  }

  @Test
  void whatWasCollectedCanBeStaged() throws Exception {
    Path script = Files.writeString(folder.resolve("run.sh"), "#!/bin/sh\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x---"));
    Files.createDirectories(folder.resolve("empty"));
    assertThat(collect(false)).isTrue();
    Path copy = temporary.resolve("copy");
    TarUnpacker.unpack(
        DESTINATION.toString(), store.read(DESTINATION), Files.createDirectories(copy));
    assertThat(copy.resolve("empty")).isEmptyDirectory();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy.resolve("run.sh"))))
        .isEqualTo("rwxr-x---");
  }

  @Test
  void anEmptyOrAbsentFolderMakesNoObjectUnlessThatIsWanted() throws IOException {
    assertThat(collect(false)).isFalse();
    Files.delete(folder);
    assertThat(collect(false)).isFalse();
    assertThat(store.has(DESTINATION.toString())).isFalse();
    assertThat(collect(true)).isTrue();
    assertThat(stored()).isEmpty();
  }

  @Test
  void anUnreachableStoreLeavesNothingBehindAndMayBeTriedAgain() throws IOException {
    Files.writeString(folder.resolve("weights"), "w");
    store.fail(DESTINATION.toString(), 1);
    assertThatThrownBy(() -> collect(false)).isInstanceOf(IOException.class);
    assertThat(temporary.resolve("archive")).doesNotExist();
    assertThat(collect(false)).isTrue();
  }

  @Test
  void tellsHowFarItIs() throws IOException {
    Files.write(folder.resolve("weights"), new byte[3 << 20]);
    ConcurrentLinkedQueue<String> progress = new ConcurrentLinkedQueue<>();
    assertThat(
            collecting.collect(
                new OutputFolder.OnDisk(folder),
                temporary.resolve("archive"),
                DESTINATION,
                false,
                progress::add))
        .isTrue();
    assertThat(progress)
        .startsWith("0 of 1 object, 0 of 3 MiB")
        .endsWith("1 of 1 object, 3 of 3 MiB");
  }

  private boolean collect(boolean evenEmpty) throws IOException {
    return collecting.collect(
        new OutputFolder.OnDisk(folder),
        temporary.resolve("archive"),
        DESTINATION,
        evenEmpty,
        progress -> {});
  }

  private Map<String, String> stored() throws IOException {
    return TarGz.entries(store.get(DESTINATION.toString()));
  }
}
