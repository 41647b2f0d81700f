package dev.mlp.controlplane.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;

/** The pool, migrated to the newest schema, and Jdbi on top of it. */
public final class Database implements AutoCloseable {
  private final HikariDataSource pool;
  private final Jdbi jdbi;

  private Database(HikariDataSource pool) {
    this.pool = pool;
    this.jdbi = Jdbi.create(pool);
  }

  /**
   * The embedded database in a file. WRITE_DELAY=0: without it H2 answers a commit before it is
   * written, and a killed server would forget what it had acknowledged.
   */
  public static Database embedded(Path file) {
    return open("jdbc:h2:file:" + file.toAbsolutePath() + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE");
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
          .javaMigrations(new dev.mlp.controlplane.schedule.QuartzTables())
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

  /** Compacts an embedded database (writing without delay leaves it large) and closes the pool. */
  @Override
  public void close() {
    if (pool.getJdbcUrl().startsWith("jdbc:h2:file:")) {
      jdbi.useHandle(handle -> handle.execute("SHUTDOWN COMPACT"));
    }
    pool.close();
  }
}
