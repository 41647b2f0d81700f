package dev.mlp.training.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UserCommandTest {
  @ParameterizedTest
  @CsvSource({
    "train.sh,false,COMMAND", "train.sh,true,COMMAND", "train.py,false,PYTHON_PROGRAM",
    "train.py,true,PYTHON_PACKAGE", "train,false,COMMAND", "train,true,PYTHON_PACKAGE",
    "train.jar,false,JAR", "train.jar,true,JAR", "a/b.py,false,PYTHON_PROGRAM"
  })
  void theNameTellsTheKind(String program, boolean besideSetupPy, EntryPointKind kind) {
    assertThat(EntryPointKind.of(program, besideSetupPy)).isEqualTo(kind);
  }

  @Test
  void aScriptIsExecutedAndShownAsTheToolkitRunsIt() {
    UserCommand command =
        UserCommand.command("train.sh", List.of("--a", "two words", "--b", "it's"));
    assertThat(command.words()).containsExactly("./train.sh", "--a", "two words", "--b", "it's");
    assertThat(command.shown()).isEqualTo("/bin/sh -c ./train.sh --a 'two words' --b 'it'\"'\"'s'");
  }

  @Test
  void pythonRunsFilesAndModules() {
    assertThat(
            UserCommand.pythonProgram("/usr/bin/python3", "train.py", List.of("--e", "3")).shown())
        .isEqualTo("/usr/bin/python3 train.py --e 3");
    assertThat(UserCommand.pythonModule("python", "train.py", List.of("-e", "3")).words())
        .containsExactly("python", "-m", "train", "-e", "3");
  }

  @Test
  void aJarRunsByItsMainClassInFrontOfTheLibraries() {
    UserCommand command =
        UserCommand.jar(
            "/jdk/bin/java",
            List.of("-Da=b"),
            "t.jar",
            List.of("/x.jar", "/y.jar"),
            "M",
            List.of("1"));
    assertThat(command.words())
        .containsExactly("/jdk/bin/java", "-Da=b", "-cp", "t.jar:/x.jar:/y.jar", "M", "1");
    assertThat(command.shown()).isEqualTo("java -cp t.jar M 1");
  }

  @Property(tries = 500)
  void aQuotedWordHoldsNoBareQuoteOrBlank(@ForAll @StringLength(max = 8) String word) {
    String quoted = UserCommand.quote(word);
    // Outside single quotes, only "'" may stand, and plain characters.
    String outside = quoted.replaceAll("'[^']*'", "").replace("\"'\"", "");
    assertThat(outside.replace("\"\"", "")).matches("[\\w@%+=:,./-]*");
  }
}
