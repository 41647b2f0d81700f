package dev.mlp.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command {@code mlp}. Exit codes: 0 done; 1 what was asked for failed; 2 it was asked wrongly;
 * 130 ended by Ctrl-C.
 */
public final class Main {
  private Main() {}

  /** Runs the command and exits. */
  public static void main(String[] args) {
    Map<String, String> environment = System.getenv();
    // Not System.out: its encoding is the locale's, and every println would be a system call of its
    // own.
    PrintStream out =
        new PrintStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)),
            false,
            StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    Context context = new Context(out, err, environment, Terminal.detect(environment));
    int code = run(context, args);
    out.flush();
    System.exit(code);
  }

  /** Runs the command in this process; the result is the exit code. */
  static int run(Context context, String... args) {
    CommandLine commandLine =
        Commands.line(context, args.length == 0 ? "" : args[0])
            .setOut(new PrintWriter(context.out(), true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(context.err(), true, StandardCharsets.UTF_8))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setAbbreviatedOptionsAllowed(false)
            .setUsageHelpWidth(100)
            .setColorScheme(
                CommandLine.Help.defaultColorScheme(
                    context.terminal().output() && context.terminal().colours()
                        ? Ansi.ON
                        : Ansi.OFF))
            .setParameterExceptionHandler((e, given) -> usageError(context, e))
            .setExecutionExceptionHandler((e, line, parsed) -> failure(context, e, args));
    int code = commandLine.execute(args);
    context.out().flush();
    return code;
  }

  private static int failure(Context context, Exception error, String... args) {
    ErrorText text = ErrorText.of(error);
    context.out().flush();
    context.err().println("mlp: " + text.line());
    if (List.of(args).contains("--debug")) {
      error.printStackTrace(context.err());
    }
    return text.exitCode();
  }

  private static int usageError(Context context, ParameterException e) {
    CommandLine line = e.getCommandLine();
    String name = line.getCommandSpec().qualifiedName(" ");
    String problem = String.valueOf(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      String written = unmatched.getUnmatched().getFirst();
      boolean option = unmatched.isUnknownOption();
      problem =
          (option
                  ? "unknown option "
                  : line.getSubcommands().isEmpty() ? "unexpected argument " : "unknown command ")
              + "'"
              + written
              + "'"
              + Suggestion.among(
                  written,
                  option
                      ? line.getCommandSpec().optionsMap().keySet()
                      : line.getSubcommands().keySet());
    }
    context
        .err()
        .println(
            "mlp: "
                + problem.lines().findFirst().orElse("")
                + " ('"
                + name
                + " --help' shows how)");
    return ErrorText.USAGE;
  }
}
