package dev.mlp.controlplane.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.mlp.controlplane.schedule.QuartzTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.h2.api.ErrorCode;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pool, migrated to the newest schema, and Jdbi on top of it. */
public final class Database implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Database.class);

  private static final long LARGE_BYTES = 64L << 20;

  private final HikariDataSource pool;
  private final Jdbi jdbi;

  private Database(HikariDataSource pool) {
    this.pool = pool;
    this.jdbi = Jdbi.create(pool);
  }

  /**
   * The embedded database in a file.
   *
   * <p>{@code WRITE_DELAY=0}: without it H2 answers a commit before it is written, and a killed
   * server would forget what it had acknowledged. {@code REUSE_SPACE=FALSE}: chunks are only ever
   * appended. When H2 2.5 writes one into freed space, it can leave the file's header at an earlier
   * chunk whose successor is not where the header says; after a kill it then opens an old state,
   * and seconds of acknowledged commits are gone. Appended chunks are found from the end of the
   * file. The price is a file that grows until it is compacted: at a clean stop, and at a start
   * that finds it large.
   */
  public static Database embedded(Path file) {
    return embedded(file, LARGE_BYTES);
  }

  static Database embedded(Path file, long largeBytes) {
    String url =
        "jdbc:h2:file:"
            + file.toAbsolutePath()
            + ";WRITE_DELAY=0;REUSE_SPACE=FALSE;DB_CLOSE_ON_EXIT=FALSE";
    if (size(file.resolveSibling(file.getFileName() + ".mv.db")) > largeBytes) {
      compact(url);
    }
    return open(url);
  }

  private static long size(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0; // opening it will say what is wrong
    }
  }

  /** Opens and migrates; the URL of an in-memory database keeps it until {@link #close}. */
  public static Database open(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setPoolName("database");
    config.setMaximumPoolSize(8);
    config.setMinimumIdle(1);
    HikariDataSource pool = new HikariDataSource(config);
    try {
      Flyway.configure()
          .dataSource(pool)
          .locations("classpath:db/migration")
          .javaMigrations(new QuartzTables())
          .load()
          .migrate();
      return new Database(pool);
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  /** Jdbi; every handle is closed by who opened it. */
  public Jdbi jdbi() {
    return jdbi;
  }

  public DataSource dataSource() {
    return pool;
  }

  /** Connections in use now: none, when nothing leaks. */
  public int activeConnections() {
    return pool.getHikariPoolMXBean().getActiveConnections();
  }

  /** Whether an embedded database has given up: it answers nothing until it is opened anew. */
  public boolean hasClosedItself() {
    try {
      jdbi.useHandle(handle -> handle.execute("SELECT 1"));
      return false;
    } catch (RuntimeException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof SQLException sql
            && sql.getErrorCode() == ErrorCode.DATABASE_IS_CLOSED) {
          return true;
        }
      }
      return false;
    }
  }

  /** Compacts an embedded database (writing without delay leaves it large) and closes the pool. */
  @Override
  public void close() {
    String url = pool.getJdbcUrl();
    if (url.startsWith("jdbc:h2:file:")) {
      compact(url);
    }
    pool.close();
  }

  private static void compact(String url) {
    // Not through the pool: the command closes the connection that it runs on.
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("SHUTDOWN COMPACT");
    } catch (SQLException e) {
      logger.warn("the database was not compacted; it is only larger than it need be", e);
    }
  }
}
