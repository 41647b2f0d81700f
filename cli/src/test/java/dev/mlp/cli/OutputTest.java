package dev.mlp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.sdk.TransferListener.Transfer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutputTest {
  private final Table table =
      new Table("NAME", "STATUS").row("a-very-long-name-indeed", "Completed").row("b", "Failed");

  @Test
  void linesUpColumns() {
    assertThat(table.lines(Integer.MAX_VALUE))
        .containsExactly(
            "NAME                     STATUS",
            "a-very-long-name-indeed  Completed",
            "b                        Failed");
  }

  @Test
  void cutsTheWidestColumnWhereThereIsNoRoom() {
    assertThat(table.lines(24))
        .containsExactly(
            "NAME           STATUS", "a-very-long-…  Completed", "b              Failed");
  }

  @Property
  void isNeverWiderThanATerminalThatCanHoldIt(@ForAll @IntRange(min = 18, max = 60) int width) {
    assertThat(table.lines(width)).allMatch(line -> line.length() <= width);
  }

  @Test
  void refusesARowThatDoesNotFit() {
    assertThatThrownBy(() -> table.row("a")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void coloursOnlyOnATerminalThatWantsIt() {
    assertThat(new Terminal(true, true, true).status("Failed")).isEqualTo("\033[31mFailed\033[0m");
    assertThat(new Terminal(true, true, false).status("Failed")).isEqualTo("Failed");
    assertThat(new Terminal(false, true, true).status("Failed")).isEqualTo("Failed");
    assertThat(Terminal.detect(Map.of("NO_COLOR", "1")).colours()).isFalse();
    assertThat(Terminal.detect(Map.of("NO_COLOR", "")).colours()).isTrue();
  }

  @Test
  void takesTheWidthFromTheEnvironment() {
    assertThat(new Terminal(true, true, true).width(Map.of("COLUMNS", "42"))).isEqualTo(42);
    assertThat(new Terminal(true, true, true).width(Map.of("COLUMNS", "x"))).isEqualTo(80);
    assertThat(Terminal.NONE.width(Map.of("COLUMNS", "42"))).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void drawsABarOfWhatIsUploaded() {
    assertThat(Progress.bar(new Transfer("train", 512, 2048, 0, 1)))
        .isEqualTo("uploading train [######..................]  25 % of 2.0 KB");
    assertThat(Progress.bar(new Transfer("empty", 0, 0, 1, 1))).contains("100 % of 0 B");
    assertThat(Progress.bytes(3L << 30)).isEqualTo("3.0 GB");
  }

  @Test
  void writesAndReadsJson() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("text", "a\"ü\n");
    tree.put("number", 1L);
    tree.put("real", 0.5);
    tree.put("flag", true);
    tree.put("nothing", null);
    tree.put("list", Arrays.asList(1L, null, Map.of()));
    assertThat(Tree.json(Tree.write(tree), "x")).isEqualTo(tree);
    assertThat(Tree.write(Map.of("a", List.of()))).isEqualTo("{\n  \"a\": [ ]\n}");
    assertThat(Tree.lines(Map.of("a", List.of(Map.of("b", 1L), "c"))))
        .containsExactly("a:", "  - b: 1", "  - c");
  }

  @Test
  void saysWhereJsonIsBroken() {
    assertThatThrownBy(() -> Tree.json("{\"a\": 1,\n \"a\": 2}", "f.json"))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("f.json cannot be read at line 2")
        .hasMessageContaining("Duplicate");
    assertThatThrownBy(() -> Tree.json("{} {}", "f.json")).hasMessageContaining("more than one");
    assertThatThrownBy(() -> Tree.json(" ", "f.json")).hasMessage("f.json is empty");
  }

  @Test
  void measuresHowFarWordsAreApart() {
    assertThat(Suggestion.distance("train", "train")).isZero();
    assertThat(Suggestion.distance("trian", "train")).isEqualTo(1);
    assertThat(Suggestion.distance("tran", "train")).isEqualTo(1);
    assertThat(Suggestion.distance("", "abc")).isEqualTo(3);
    assertThat(Suggestion.among("deplyo", List.of("train", "deploy")))
        .isEqualTo("; did you mean 'deploy'?");
    assertThat(Suggestion.among("qqq", List.of("train", "deploy"))).isEmpty();
  }
}
