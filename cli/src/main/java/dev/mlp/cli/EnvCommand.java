package dev.mlp.cli;

import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine;

/** {@code mlp env}: the set-up of every client that reads AWS's variables. */
@CommandLine.Command(
    name = "env",
    description = "Prints the variables by which clients find and use the running server.",
    footer = {
      "",
      "Examples:",
      "  eval \"$(mlp env)\"",
      "  mlp env --data-dir /srv/mlp --output json"
    })
final class EnvCommand extends Command {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  EnvCommand(Context context) {
    super(context);
  }

  @Override
  int run() {
    Map<String, String> variables = dataDirectory().variables();
    if (json()) {
      printJson(variables);
    } else {
      variables.forEach(
          (name, value) -> context.out().println("export " + name + "=" + quoted(value)));
    }
    return 0;
  }

  /** As a POSIX shell reads it back. */
  static String quoted(String value) {
    return PLAIN.matcher(value).matches() ? value : "'" + value.replace("'", "'\\''") + "'";
  }
}
