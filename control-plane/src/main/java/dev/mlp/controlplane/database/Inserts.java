package dev.mlp.controlplane.database;

import java.sql.SQLException;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.Update;

/** Inserts that another may have made first. */
public final class Inserts {
  /** Every database reports a key that is already there by this SQLSTATE. */
  private static final String UNIQUE_VIOLATION = "23505";

  private Inserts() {}

  /**
   * Runs an insert outside of a transaction.
   *
   * @return false when a row of that key is already there
   */
  public static boolean unlessPresent(Update insert) {
    try {
      insert.execute();
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
