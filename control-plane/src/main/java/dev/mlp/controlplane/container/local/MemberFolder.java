package dev.mlp.controlplane.container.local;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is on disk of one member.
 *
 * <pre>
 * ml/                the program's /opt/ml
 * tmp/  home/        its TMPDIR and HOME
 * state/staging      empty; its time is when staging began
 * state/placed       empty; all inputs are where the program will find them
 * state/port         the serving port
 * state/run          what the engine knows its program by; its time is when the program began
 * state/collected.N  empty; output N is stored
 * state/end.json     the last observation
 * </pre>
 */
public record MemberFolder(Path path) {
  /** The contract's folders, there before the program starts. */
  private static final List<String> ML_FOLDERS =
      List.of(
          "input/config",
          "input/data",
          "code",
          "model",
          "output/data",
          "output/intermediate",
          "checkpoints");

  private static final Logger logger = LoggerFactory.getLogger(MemberFolder.class);
  private static final int FAILURE_CHARACTERS = 1024;

  public Path ml() {
    return path.resolve("ml");
  }

  public Path temporary() {
    return path.resolve("tmp");
  }

  public Path home() {
    return path.resolve("home");
  }

  public Path state() {
    return path.resolve("state");
  }

  public void create() throws IOException {
    for (String folder : ML_FOLDERS) {
      Files.createDirectories(ml().resolve(folder));
    }
    Files.createDirectories(temporary());
    Files.createDirectories(home());
    Files.createDirectories(state());
  }

  public void mark(String name) throws IOException {
    Path file = state().resolve(name);
    if (!Files.exists(file)) {
      Files.createFile(file);
    }
  }

  public boolean isMarked(String name) {
    return Files.exists(state().resolve(name));
  }

  public Optional<Instant> timeOf(String name) throws IOException {
    try {
      return Optional.of(Files.getLastModifiedTime(state().resolve(name)).toInstant());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The file's text; empty where there is no such file. */
  public Optional<String> read(String name) throws IOException {
    try {
      return Optional.of(Files.readString(state().resolve(name)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Writes the file whole or not at all. */
  public void write(String name, String text) throws IOException {
    writeWhole(state().resolve(name), text);
  }

  /** Writes the file whole or not at all. */
  public static void writeWhole(Path file, String text) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".new");
    Files.write(unfinished, text.getBytes(StandardCharsets.UTF_8));
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  public OptionalInt port() throws IOException {
    Optional<String> text = read("port");
    return text.isPresent()
        ? OptionalInt.of(Integer.parseInt(text.get().strip()))
        : OptionalInt.empty();
  }

  /** The first characters of the failure file; empty where there is none that can be read. */
  public Optional<String> failure(String name) {
    Path file = ml().resolve(name);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    // Not Files.newBufferedReader, which ends at bytes that are no UTF-8.
    try (Reader reader =
        new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8)) {
      char[] text = new char[FAILURE_CHARACTERS];
      int length = 0;
      for (int n = 0; n >= 0 && length < text.length; ) {
        n = reader.read(text, length, text.length - length);
        length += Math.max(n, 0);
      }
      return Optional.of(new String(text, 0, length));
    } catch (IOException e) {
      logger.warn("cannot read {}", file, e);
      return Optional.empty();
    }
  }
}
