package dev.mlp.training.contract;

/** How a user's program is started, which its name tells. */
public enum EntryPointKind {
  /** {@code .jar}: run by this platform's Java, with TensorFlow at hand. */
  JAR,
  /** Any name beside a {@code setup.py}: installed, then run as a module. */
  PYTHON_PACKAGE,
  /** {@code .py}. */
  PYTHON_PROGRAM,
  /** {@code .sh} and everything else: executed. */
  COMMAND;

  public static EntryPointKind of(String program, boolean besideSetupPy) {
    if (program.endsWith(".jar")) {
      return JAR;
    } else if (program.endsWith(".sh")) {
      return COMMAND;
    } else if (besideSetupPy) {
      return PYTHON_PACKAGE;
    }
    return program.endsWith(".py") ? PYTHON_PROGRAM : COMMAND;
  }

  /** Whether {@code requirements.txt} beside the program is installed: never for a shell script. */
  public boolean takesRequirements() {
    return this == PYTHON_PACKAGE || this == PYTHON_PROGRAM;
  }
}
