package dev.mlp.controlplane.database;

import java.sql.SQLException;
import org.jdbi.v3.core.JdbiException;

/** Tells an insert that came second from one that failed. */
public final class DuplicateKey {
  // unique_violation, in the standard, in H2 and in PostgreSQL
  private static final String SQL_STATE = "23505";

  private DuplicateKey() {}

  /** Runs the insert, in a transaction of its own; false when its key was taken. */
  public static boolean inserted(Runnable insert) {
    try {
      insert.run();
      return true;
    } catch (JdbiException e) {
      if (e.getCause() instanceof SQLException sql && SQL_STATE.equals(sql.getSQLState())) {
        return false;
      }
      throw e;
    }
  }
}
