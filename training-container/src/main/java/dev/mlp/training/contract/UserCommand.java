package dev.mlp.training.contract;

import java.util.ArrayList;
import java.util.List;

/**
 * The command lines that run a user's program, in its code folder.
 *
 * @param words what to execute, word by word
 * @param shown the same for a reader: what SageMaker's toolkit would put into log and failure file
 */
public record UserCommand(List<String> words, String shown) {
  public UserCommand {
    words = List.copyOf(words);
  }

  /** {@code python train.py --epochs 3}. */
  public static UserCommand pythonProgram(String python, String program, List<String> arguments) {
    return plain(List.of(python, program), arguments);
  }

  /** {@code python -m train --epochs 3}. */
  public static UserCommand pythonModule(String python, String program, List<String> arguments) {
    String module = program.endsWith(".py") ? program.substring(0, program.length() - 3) : program;
    return plain(List.of(python, "-m", module), arguments);
  }

  /**
   * {@code /bin/sh -c "./train.sh --epochs 3"}, without the shell: {@code dash} would drop the
   * variables whose names hold a dash, such as {@code SM_CHANNEL_TEST-SET}, and stand between the
   * program and the signal that stops it. The command shown keeps the toolkit's form.
   */
  public static UserCommand command(String program, List<String> arguments) {
    List<String> words = new ArrayList<>();
    words.add("./" + program);
    words.addAll(arguments);
    StringBuilder shown = new StringBuilder("/bin/sh -c ./").append(quote(program)).append(' ');
    for (int i = 0; i < arguments.size(); i++) {
      shown.append(i == 0 ? "" : " ").append(quote(arguments.get(i)));
    }
    return new UserCommand(words, shown.toString());
  }

  /** {@code java … -cp train.jar:… com.example.Train --epochs 3}. */
  public static UserCommand jar(
      String java,
      List<String> options,
      String jar,
      List<String> libraries,
      String mainClass,
      List<String> arguments) {
    List<String> words = new ArrayList<>();
    words.add(java);
    words.addAll(options);
    words.add("-cp");
    words.add(libraries.isEmpty() ? jar : jar + ":" + String.join(":", libraries));
    words.add(mainClass);
    words.addAll(arguments);
    // Options and libraries are the platform's; with them a failure reason would hold little else.
    List<String> shown = new ArrayList<>(List.of("java", "-cp", jar, mainClass));
    shown.addAll(arguments);
    return new UserCommand(words, String.join(" ", shown));
  }

  private static UserCommand plain(List<String> start, List<String> arguments) {
    List<String> words = new ArrayList<>(start);
    words.addAll(arguments);
    return new UserCommand(words, String.join(" ", words));
  }

  /** A word for the shell, as Python's {@code shlex.quote} writes it. */
  public static String quote(String word) {
    if (word.isEmpty()) {
      return "''";
    }
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      boolean isSafe =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "_@%+=:,./-".indexOf(c) >= 0;
      if (!isSafe) {
        return "'" + word.replace("'", "'\"'\"'") + "'";
      }
    }
    return word;
  }
}
