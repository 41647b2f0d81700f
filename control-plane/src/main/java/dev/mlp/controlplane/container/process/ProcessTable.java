package dev.mlp.controlplane.container.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The kernel's table of processes. */
final class ProcessTable {
  private static final Path PROC = Path.of("/proc");

  /**
   * One process.
   *
   * @param dead ended, and only not yet waited for by its parent
   * @param cpuTicks CPU time so far, with that of the children that it has waited for; 100 a second
   */
  record Entry(long pid, boolean dead, long session, long startTime, long cpuTicks) {
    /** Memory of its own: without what is of files. */
    long privateBytes() {
      try (Stream<String> lines =
          Files.lines(
              PROC.resolve(Long.toString(pid)).resolve("status"), StandardCharsets.ISO_8859_1)) {
        return lines
            .filter(line -> line.startsWith("RssAnon:"))
            .findFirst()
            .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
            .orElse(0L);
      } catch (IOException | UncheckedIOException e) {
        return 0; // Gone meanwhile.
      }
    }

    /** Whether it was started with all of these variables ({@code NAME=value}). */
    boolean startedWith(List<String> variables) {
      try {
        String all =
            '\0'
                + Files.readString(
                    PROC.resolve(Long.toString(pid)).resolve("environ"),
                    StandardCharsets.ISO_8859_1);
        return variables.stream()
            .allMatch(variable ->
                all.contains(
                    '\0'
                        + new String(
                            variable.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)
                        + '\0'));
      } catch (IOException e) {
        return false; // Gone meanwhile, or of another user, whom we could not signal either.
      }
    }
  }

  private ProcessTable() {}

  static Optional<Entry> read(long pid) {
    String stat;
    try {
      stat =
          Files.readString(
              PROC.resolve(Long.toString(pid)).resolve("stat"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return Optional.empty();
    }
    // "pid (name) state ppid pgrp session …": the name may hold anything, so count from its end.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 21);
    String state = fields[0];
    return Optional.of(
        new Entry(
            pid,
            state.equals("Z") || state.equals("X"),
            Long.parseLong(fields[3]),
            Long.parseLong(fields[19]),
            Long.parseLong(fields[11])
                + Long.parseLong(fields[12])
                + Long.parseLong(fields[13])
                + Long.parseLong(fields[14])));
  }

  /** Every process that is alive and wanted, other than this one. */
  static List<Entry> find(Predicate<Entry> wanted) {
    List<Entry> found = new ArrayList<>();
    long self = ProcessHandle.current().pid();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path folder : folders) {
        long pid = Long.parseLong(folder.getFileName().toString());
        if (pid != self) {
          read(pid).filter(entry -> !entry.dead()).filter(wanted).ifPresent(found::add);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the process runtime needs Linux's /proc", e);
    }
    return found;
  }
}
