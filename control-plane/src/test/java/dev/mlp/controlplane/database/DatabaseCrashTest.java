package dev.mlp.controlplane.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseCrashTest {
  private static final int ROUNDS = 5;
  private static final int COMMITS_PER_ROUND = 200;

  @TempDir Path folder;

  @Test
  void whatWasAcknowledgedIsThereAfterEveryKill() throws Exception {
    Path file = folder.resolve("database");
    long before = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      Process writer = writer(file);
      try {
        awaitAcknowledged(writer, before + COMMITS_PER_ROUND);
      } finally {
        writer.destroyForcibly().waitFor();
      }

      before = 0;
      try (Database database = Database.embedded(file)) {
        for (int thread = 0; thread < DatabaseWriter.THREADS; thread++) {
          List<String> acknowledged = acknowledged(thread);
          assertThat(number(database, thread))
              .as("round %d, thread %d", round, thread)
              // A commit may have been made and not yet written down.
              .isBetween((long) last(acknowledged), last(acknowledged) + 1L);
          before += acknowledged.size();
        }
      }
    }
  }

  @Test
  void aStartThatFindsTheFileLargeCompactsItAndLosesNothing() throws Exception {
    Path file = folder.resolve("database");
    Process writer = writer(file);
    try {
      awaitAcknowledged(writer, COMMITS_PER_ROUND);
    } finally {
      writer.destroyForcibly().waitFor();
    }
    Path stored = folder.resolve("database.mv.db");
    long grown = Files.size(stored);

    try (Database database = Database.embedded(file, grown / 2)) {
      assertThat(Files.size(stored)).isLessThan(grown / 2);
      for (int thread = 0; thread < DatabaseWriter.THREADS; thread++) {
        assertThat(number(database, thread)).isGreaterThanOrEqualTo(last(acknowledged(thread)));
      }
    }
  }

  private Process writer(Path file) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(DatabaseWriter.class.getName(), file.toString(), folder.toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("writer.log").toFile())
        .start();
  }

  private void awaitAcknowledged(Process writer, long commits) throws IOException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      long seen = 0;
      for (int thread = 0; thread < DatabaseWriter.THREADS; thread++) {
        seen += acknowledged(thread).size();
      }
      if (seen >= commits) {
        return;
      }
      assertThat(writer.isAlive() && System.nanoTime() < end)
          .as(() -> "the writer goes on: " + log())
          .isTrue();
      LockSupport.parkNanos(20_000_000);
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("writer.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Whole lines alone: a kill may have cut the last one. */
  private List<String> acknowledged(int thread) throws IOException {
    Path file = folder.resolve("thread-" + thread);
    if (!Files.exists(file)) {
      return List.of();
    }
    String text = Files.readString(file);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private static int last(List<String> acknowledged) {
    return acknowledged.isEmpty() ? 0 : Integer.parseInt(acknowledged.getLast());
  }

  private static long number(Database database, int thread) {
    return database
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery("SELECT number FROM acknowledged WHERE thread = :thread")
                .bind("thread", thread)
                .mapTo(Long.class)
                .findOne()
                .orElse(0L));
  }
}
