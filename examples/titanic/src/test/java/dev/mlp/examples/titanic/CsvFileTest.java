package dev.mlp.examples.titanic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.training.job.TrainingFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvFileTest {

  @Test
  void readsQuotedCellsWithCommasQuotesAndLineBreaks() {
    CsvFile csv =
        CsvFile.parse("a.csv", "\uFEFFa,\"b\"\r\n\"x, \"\"y\"\"\",\"1\n2\"\r\n\r\n 3 , \"4\" \r\n");

    assertThat(csv.header()).containsExactly("a", "b");
    assertThat(csv.rows())
        .containsExactly(
            new CsvFile.Row(2, List.of("x, \"y\"", "1\n2")), new CsvFile.Row(5, List.of("3", "4")));
  }

  @Test
  void keepsEmptyCells() {
    assertThat(CsvFile.parse("a.csv", "a,b,c\n,,\n1,,\"\"").rows())
        .extracting(CsvFile.Row::cells)
        .containsExactly(List.of("", "", ""), List.of("1", "", ""));
  }

  @Test
  void saysWhatIsWrongAndWhere() {
    assertFailure("", "a.csv is empty: expected a header line and rows");
    assertFailure("\n\n", "a.csv is empty: expected a header line and rows");
    assertFailure("a,b\n", "a.csv has a header but no rows");
    assertFailure("a,b\n1,2\n1,2,3\n", "a.csv, line 3: 3 cells, but the header has 2");
    assertFailure("a,b\n\"1\n2\",3\n4\n", "a.csv, line 4: 1 cells, but the header has 2");
    assertFailure("a,a\n1,2\n", "a.csv: two columns are named 'a'");
    assertFailure("a,,c\n1,2,3\n", "a.csv: column 2 has no name");
    assertFailure("a\n\"1\n", "a.csv, line 2: a quoted cell does not end");
    assertFailure("a\n\"1\"2\n", "a.csv, line 2: text after a quoted cell");
  }

  @Test
  void refusesAFileThatIsNoText(@TempDir Path directory) throws Exception {
    Path file = Files.write(directory.resolve("x.csv"), new byte[] {'a', '\n', (byte) 0xFF});

    assertThatThrownBy(() -> CsvFile.read(file))
        .isInstanceOf(TrainingFailure.class)
        .hasMessage("x.csv is not text in UTF-8");
  }

  @Property(tries = 200)
  void readsBackWhatWasQuoted(
      @ForAll @NotEmpty @Size(max = 5)
          List<@Size(3) List<@AlphaChars @Chars({'"', ',', '\n', '\r', ';'}) String>> rows) {
    String text =
        "a,b,c\n"
            + rows.stream()
                .map(row ->
                    row.stream()
                        .map(cell -> '"' + cell.replace("\"", "\"\"") + '"')
                        .collect(Collectors.joining(",")))
                .collect(Collectors.joining("\n"));

    assertThat(CsvFile.parse("a.csv", text).rows())
        .extracting(CsvFile.Row::cells)
        .isEqualTo(rows.stream().map(row -> row.stream().map(String::strip).toList()).toList());
  }

  private static void assertFailure(String text, String message) {
    assertThatThrownBy(() -> CsvFile.parse("a.csv", text))
        .isInstanceOf(TrainingFailure.class)
        .hasMessage(message);
  }
}
