package dev.mlp.controlplane.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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

  @Test
  void furtherNamesOfAFileAreHardLinks() throws Exception {
    Files.write(folder.resolve("a"), new byte[2 << 20]);
    Files.createLink(folder.resolve("b"), folder.resolve("a"));
    Files.writeString(folder.resolve("c"), "c");
    ConcurrentLinkedQueue<String> progress = new ConcurrentLinkedQueue<>();
    assertThat(collect(new OutputFolder.OnDisk(folder), false, progress::add)).isTrue();
    assertThat(progress).endsWith("1 of 1 object, 2 of 2 MiB");
    Path copy = temporary.resolve("copy");
    unpack(DESTINATION, copy);
    assertThat(copy.resolve("b")).hasSameBinaryContentAs(copy.resolve("a"));
    assertThat(Files.getAttribute(copy.resolve("a"), "unix:nlink")).isEqualTo(2);
    assertThat(copy.resolve("c")).hasContent("c");
  }

  @Test
  void leavesOutWhatIsNeitherFileFolderNorLink() throws Exception {
    Files.writeString(folder.resolve("weights"), "w");
    Process mkfifo =
        new ProcessBuilder("mkfifo", folder.resolve("pipe").toString()).inheritIO().start();
    assertThat(mkfifo.waitFor()).isZero();
    assertThat(collect(false)).isTrue();
    assertThat(stored()).containsOnly(Map.entry("weights", "w"));
  }

  @Test
  void theSystemsTarReadsIt() throws Exception {
    Files.createDirectories(folder.resolve("1/variables"));
    Files.write(folder.resolve("1/variables/variables.data"), new byte[3 << 20]);
    Files.writeString(folder.resolve("1/größe"), "u");
    Files.createSymbolicLink(folder.resolve("latest"), Path.of("1"));
    assertThat(collect(false)).isTrue();
    Path archive =
        Files.write(temporary.resolve("model.tar.gz"), store.get(DESTINATION.toString()));
    Process tar =
        new ProcessBuilder("tar", "--quoting-style=literal", "-tzf", archive.toString()).start();
    assertThat(tar.inputReader(StandardCharsets.UTF_8).lines())
        .containsExactlyInAnyOrder(
            "1/", "1/variables/", "1/variables/variables.data", "1/größe", "latest");
    assertThat(tar.waitFor()).isZero();
    Path copy = Files.createDirectory(temporary.resolve("copy"));
    Process extract =
        new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", copy.toString()).start();
    assertThat(extract.waitFor()).isZero();
    assertThat(copy.resolve("latest/variables/variables.data"))
        .hasSameBinaryContentAs(folder.resolve("1/variables/variables.data"));
  }

  @Test
  void packsWhatATarStreamHoldsByTheSameRules() throws Exception {
    byte[] stream =
        TarGz.tar(tar -> {
          folder(tar, "./");
          folder(tar, "./1/");
          TarGz.file(tar, "./1/weights", "w");
          TarGz.file(tar, "plain", "p");
          TarGz.file(tar, "long/" + "name".repeat(60), "l");
          TarGz.file(tar, "../escaped", "no");
          TarGz.file(tar, "1/../../escaped", "no");
          TarGz.file(tar, "/etc/escaped", "no");
          TarGz.link(tar, TarConstants.LF_SYMLINK, "latest", "1");
          TarGz.link(tar, TarConstants.LF_SYMLINK, "1/up", "../plain");
          TarGz.link(tar, TarConstants.LF_SYMLINK, "1/out", "../../secret");
          TarGz.link(tar, TarConstants.LF_SYMLINK, "absolute", "/etc/passwd");
          TarGz.link(tar, TarConstants.LF_LINK, "same", "./1/weights");
          TarGz.link(tar, TarConstants.LF_LINK, "foreign", "../1/weights");
          TarGz.link(tar, TarConstants.LF_LINK, "unknown", "never/seen");
          TarGz.link(tar, TarConstants.LF_FIFO, "pipe", "");
          TarGz.link(tar, TarConstants.LF_CHR, "device", "");
          TarGz.link(tar, TarConstants.LF_BLK, "disk", "");
        });
    assertThat(collect(asTar(stream), false, progress -> {})).isTrue();
    assertThat(stored())
        .containsOnly(
            Map.entry("1/weights", "w"),
            Map.entry("plain", "p"),
            Map.entry("long/" + "name".repeat(60), "l"),
            Map.entry("latest", "-> 1"),
            Map.entry("1/up", "-> ../plain"),
            Map.entry("same", "")); // A hard link has no content of its own.
    List<TarArchiveEntry> headers = headers();
    assertThat(headers)
        .extracting(TarArchiveEntry::getName)
        .contains("1/", "same")
        .doesNotContain("", "./", "foreign", "unknown", "pipe", "device", "disk", "1/out");
    assertThat(headers)
        .filteredOn(TarArchiveEntry::isLink)
        .singleElement()
        .extracting(TarArchiveEntry::getLinkName)
        .isEqualTo("1/weights");
    assertThat(headers).allMatch(entry -> entry.getLongUserId() == 0);
    Path copy = temporary.resolve("copy");
    unpack(DESTINATION, copy);
    assertThat(copy.resolve("same")).hasContent("w");
  }

  @Test
  void keepsTheModesAndTimesOfATarStreamButNoOwnersAndNoSetuid() throws IOException {
    TarArchiveEntry script = new TarArchiveEntry("run.sh");
    script.setMode(0104755);
    script.setIds(1000, 1000);
    script.setNames("somebody", "users");
    script.setModTime(FileTime.from(Instant.parse("2024-05-06T07:08:09Z")));
    byte[] stream =
        TarGz.tar(tar -> {
          tar.putArchiveEntry(script);
          tar.closeArchiveEntry();
        });
    assertThat(collect(asTar(stream), false, progress -> {})).isTrue();
    assertThat(headers())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.getMode()).isEqualTo(0100755);
          assertThat(entry.getLongUserId()).isZero();
          assertThat(entry.getUserName()).isEmpty();
          assertThat(entry.getLastModifiedTime().toInstant()).isEqualTo("2024-05-06T07:08:09Z");
        });
  }

  @Test
  void anEmptyOrAbsentTarStreamMakesNoObjectUnlessThatIsWanted() throws IOException {
    OutputFolder absent = new OutputFolder.AsTar(Optional::empty);
    OutputFolder empty = asTar(TarGz.tar(tar -> folder(tar, "./")));
    assertThat(collect(absent, false, progress -> {})).isFalse();
    assertThat(collect(empty, false, progress -> {})).isFalse();
    assertThat(store.has(DESTINATION.toString())).isFalse();
    assertThat(collect(absent, true, progress -> {})).isTrue();
    assertThat(stored()).isEmpty();
    store.delete(DESTINATION);
    assertThat(collect(empty, true, progress -> {})).isTrue();
    assertThat(stored()).isEmpty();
  }

  @Test
  void tellsHowMuchOfATarStreamItHasSeen() throws IOException {
    byte[] stream = TarGz.tar(tar -> TarGz.file(tar, "weights", "w".repeat(3 << 20)));
    ConcurrentLinkedQueue<String> progress = new ConcurrentLinkedQueue<>();
    assertThat(collect(asTar(stream), false, progress::add)).isTrue();
    assertThat(progress)
        .startsWith("0 of 1 object, 0 B")
        .contains("0 of 1 object, 2 MiB")
        .endsWith("1 of 1 object, 3 MiB");
  }

  @Test
  void aTarStreamThatBreaksOffStoresNothingAndIsReadAnewTheNextTime() throws IOException {
    byte[] whole = TarGz.tar(tar -> TarGz.file(tar, "weights", "w".repeat(100_000)));
    AtomicInteger opened = new AtomicInteger();
    Set<InputStream> closed = ConcurrentHashMap.newKeySet();
    OutputFolder output =
        new OutputFolder.AsTar(() -> {
          byte[] bytes =
              opened.incrementAndGet() == 1 ? Arrays.copyOf(whole, whole.length / 2) : whole;
          return Optional.of(
              new ByteArrayInputStream(bytes) {
                @Override
                public void close() {
                  closed.add(this);
                }
              });
        });
    assertThatThrownBy(() -> collect(output, true, progress -> {})).isInstanceOf(IOException.class);
    assertThat(store.has(DESTINATION.toString())).isFalse();
    assertThat(temporary.resolve("archive")).doesNotExist();
    assertThat(collect(output, true, progress -> {})).isTrue();
    assertThat(stored()).containsOnly(Map.entry("weights", "w".repeat(100_000)));
    assertThat(opened).hasValue(2);
    assertThat(closed).hasSize(2);
  }

  @Test
  void whatIsNoTarStreamIsRefused() {
    byte[] text = "no archive at all. ".repeat(100).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> collect(asTar(text), true, progress -> {}))
        .isInstanceOf(IOException.class);
    assertThat(store.has(DESTINATION.toString())).isFalse();
  }

  @Test
  @Timeout(30)
  void anInterruptEndsItAndLeavesNoFile() throws Exception {
    // A source without an end.
    CountDownLatch reading = new CountDownLatch(1);
    TarArchiveEntry entry = new TarArchiveEntry("endless");
    entry.setSize(1L << 50);
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    TarArchiveOutputStream tar = new TarArchiveOutputStream(header);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.putArchiveEntry(entry);
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 0;
          }

          @Override
          public int read(byte[] buffer, int offset, int length) {
            reading.countDown();
            Arrays.fill(buffer, offset, offset + length, (byte) 1);
            return length;
          }
        };
    OutputFolder output =
        new OutputFolder.AsTar(() ->
            Optional.of(
                new SequenceInputStream(new ByteArrayInputStream(header.toByteArray()), endless)));
    Throwable[] failure = {null};
    boolean[] interrupted = {false};
    Thread collector =
        Thread.ofVirtual()
            .start(() -> {
              failure[0] = catchThrowable(() -> collect(output, true, progress -> {}));
              interrupted[0] = Thread.currentThread().isInterrupted();
            });
    reading.await();
    collector.interrupt();
    collector.join();
    assertThat(failure[0]).isInstanceOf(InterruptedIOException.class);
    assertThat(interrupted[0]).isTrue();
    assertThat(temporary.resolve("archive")).doesNotExist();
    assertThat(store.has(DESTINATION.toString())).isFalse();
  }

  @Test
  void anInterruptedThreadCollectsNothingFromDisk() throws Exception {
    Files.write(folder.resolve("weights"), new byte[5 << 20]);
    Throwable[] failure = {null};
    Thread collector =
        Thread.ofVirtual()
            .start(() -> {
              Thread.currentThread().interrupt();
              failure[0] = catchThrowable(() -> collect(false));
            });
    collector.join();
    assertThat(failure[0]).isInstanceOf(InterruptedIOException.class);
    assertThat(temporary.resolve("archive")).doesNotExist();
  }

  @Test
  void severalAtOnceDoNotMixTheirContents() throws Exception {
    Path[] folders = new Path[6];
    for (int i = 0; i < folders.length; i++) {
      folders[i] = Files.createDirectory(temporary.resolve("model-" + i));
      byte[] weights = new byte[2 << 20];
      new Random(i).nextBytes(weights);
      Files.write(folders[i].resolve("weights"), weights);
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < folders.length; i++) {
        int number = i;
        tasks.add(() ->
            collecting.collect(
                new OutputFolder.OnDisk(folders[number]),
                temporary.resolve("archive-" + number),
                S3Address.parse("s3://bucket/" + number),
                false,
                progress -> {}));
      }
      for (Future<Boolean> done : threads.invokeAll(tasks)) {
        assertThat(done.get()).isTrue();
      }
    }
    for (int i = 0; i < folders.length; i++) {
      Path copy = temporary.resolve("copy-" + i);
      unpack(S3Address.parse("s3://bucket/" + i), copy);
      assertThat(copy.resolve("weights")).hasSameBinaryContentAs(folders[i].resolve("weights"));
    }
  }

  private static OutputFolder asTar(byte[] stream) {
    return new OutputFolder.AsTar(() -> Optional.of(new ByteArrayInputStream(stream)));
  }

  private static void folder(TarArchiveOutputStream tar, String name) throws IOException {
    tar.putArchiveEntry(new TarArchiveEntry(name));
    tar.closeArchiveEntry();
  }

  private boolean collect(boolean evenEmpty) throws IOException {
    return collect(new OutputFolder.OnDisk(folder), evenEmpty, progress -> {});
  }

  private boolean collect(OutputFolder output, boolean evenEmpty, Consumer<String> progress)
      throws IOException {
    return collecting.collect(
        output, temporary.resolve("archive"), DESTINATION, evenEmpty, progress);
  }

  private Map<String, String> stored() throws IOException {
    return TarGz.entries(store.get(DESTINATION.toString()));
  }

  private List<TarArchiveEntry> headers() throws IOException {
    List<TarArchiveEntry> headers = new ArrayList<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(
            new GZIPInputStream(new ByteArrayInputStream(store.get(DESTINATION.toString()))))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        headers.add(entry);
      }
    }
    return headers;
  }

  private void unpack(S3Address archive, Path target) throws IOException {
    Files.createDirectories(target);
    try (InputStream in = store.read(archive)) {
      TarUnpacker.unpack(archive.toString(), in, target);
    }
  }
}
