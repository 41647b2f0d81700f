package dev.mlp.controlplane.database;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A process that commits without an end, from several threads, and writes down what was
 * acknowledged: for {@link DatabaseCrashTest} to kill. Arguments: database file, folder of the
 * acknowledgements.
 */
final class DatabaseWriter {
  static final int THREADS = 4;

  private DatabaseWriter() {}

  public static void main(String[] arguments) {
    Database database = Database.embedded(Path.of(arguments[0]));
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                "CREATE TABLE IF NOT EXISTS acknowledged (thread INTEGER PRIMARY KEY, number BIGINT)"));
    for (int i = 0; i < THREADS; i++) {
      int thread = i;
      Thread.ofPlatform().start(() -> write(database, thread, Path.of(arguments[1])));
    }
  }

  private static void write(Database database, int thread, Path folder) {
    try (OutputStream acknowledged =
        Files.newOutputStream(
            folder.resolve("thread-" + thread),
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND)) {
      while (true) {
        long number =
            database
                .jdbi()
                .inTransaction(handle -> {
                  long next =
                      1
                          + handle
                              .createQuery("SELECT number FROM acknowledged WHERE thread = :thread")
                              .bind("thread", thread)
                              .mapTo(Long.class)
                              .findOne()
                              .orElse(0L);
                  String write =
                      next == 1
                          ? "INSERT INTO acknowledged (thread, number) VALUES (:thread, :next)"
                          : "UPDATE acknowledged SET number = :next WHERE thread = :thread";
                  handle.createUpdate(write).bind("thread", thread).bind("next", next).execute();
                  return next;
                });
        acknowledged.write((number + "\n").getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
