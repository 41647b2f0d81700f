package dev.mlp.controlplane.database;

import java.sql.SQLException;
import org.jdbi.v3.core.JdbiException;

/** Inserts that another may have made first. */
public final class Inserts {
  /** Every database reports a key that is already there by this SQLSTATE. */
  private static final String UNIQUE_VIOLATION = "23505";

  private Inserts() {}

  /**
   * Runs inserts, in a transaction of their own where there are several: a database may refuse
   * everything else of a transaction in which one has failed.
   *
   * @return false when a row of that key is already there
   */
  public static boolean unlessPresent(Runnable inserts) {
    try {
      inserts.run();
      return true;
    } catch (JdbiException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof SQLException sql && UNIQUE_VIOLATION.equals(sql.getSQLState())) {
          return false;
        }
      }
      throw e;
    }
  }
}
