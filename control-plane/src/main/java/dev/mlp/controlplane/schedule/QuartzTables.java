package dev.mlp.controlplane.schedule;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Statement;
import java.util.Optional;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.jspecify.annotations.Nullable;

/** The migration that makes Quartz's own tables, by the script that its jar brings. */
public final class QuartzTables implements JavaMigration {
  @Override
  public MigrationVersion getVersion() {
    return MigrationVersion.fromVersion("5");
  }

  @Override
  public String getDescription() {
    return "quartz";
  }

  /**
   * The script never changes for one version of Quartz, whose tables have not changed for years.
   */
  @Override
  public @Nullable Integer getChecksum() {
    return null;
  }

  @Override
  public boolean canExecuteInTransaction() {
    return true;
  }

  @Override
  public void migrate(Context context) throws Exception {
    boolean h2 = "H2".equals(context.getConnection().getMetaData().getDatabaseProductName());
    String script = read(h2 ? "tables_h2.sql" : "tables_postgres.sql");
    try (Statement statement = context.getConnection().createStatement()) {
      for (String command : script.replaceAll("(?m)^\\s*(--|#).*$", "").split(";", -1)) {
        if (!command.isBlank() && !command.strip().equalsIgnoreCase("commit")) {
          statement.execute(command);
        }
      }
    }
  }

  private static String read(String name) throws IOException {
    String path = "/org/quartz/impl/jdbcjobstore/" + name;
    try (InputStream script =
        Optional.ofNullable(QuartzTables.class.getResourceAsStream(path))
            .orElseThrow(() -> new IOException("no " + path + " in the jar of Quartz"))) {
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
