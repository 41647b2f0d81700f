package dev.mlp.training.contract;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * The words of the failure file, as SageMaker's toolkit writes them. The platform takes the first
 * {@value #SHOWN_CHARACTERS} characters as the job's failure reason, so what matters stands first.
 */
public final class FailureText {
  /** How much of the file a job's failure reason takes. */
  public static final int SHOWN_CHARACTERS = 1024;

  private static final int KILLED = 137;

  private FailureText() {}

  /**
   * The user's program failed.
   *
   * @param message what is known beyond the code; mostly nothing, because the program's own words
   *     are in the log
   */
  public static String executeUserScript(int exitCode, String message, String command) {
    return calledProcess("ExecuteUserScriptError", exitCode, message, command);
  }

  /** {@code pip install -r requirements.txt} failed. */
  public static String installRequirements(int exitCode, String message, String command) {
    return calledProcess("InstallRequirementsError", exitCode, message, command);
  }

  /** {@code pip install .} failed. */
  public static String installModule(int exitCode, String message, String command) {
    return calledProcess("InstallModuleError", exitCode, message, command);
  }

  /** The container itself failed. */
  public static String framework(Throwable cause) {
    StringWriter trace = new StringWriter();
    cause.printStackTrace(new PrintWriter(trace));
    String message = cause.getMessage();
    return "Framework Error: \n" + trace + "\n" + (message == null ? "" : message);
  }

  private static String calledProcess(String error, int exitCode, String message, String command) {
    String extra =
        exitCode == KILLED
            ? "\nExtraInfo \"OutOfMemory: Process killed by SIGKILL (signal 9)\""
            : "";
    return (error
            + ":\nExitCode "
            + exitCode
            + "\nErrorMessage \""
            + message
            + "\""
            + extra
            + "\nCommand \""
            + command
            + "\"")
        .strip();
  }
}
