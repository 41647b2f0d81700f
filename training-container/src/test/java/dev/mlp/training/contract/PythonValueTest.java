package dev.mlp.training.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PythonValueTest {
  @Property(tries = 2000)
  void jsonReadsBackAsTheSameText(@ForAll String text) throws Exception {
    PythonValue value = new PythonValue.Text(text);
    assertThat(PythonJson.parse(value.json())).isEqualTo(value);
  }

  @Property(tries = 2000)
  void everyFiniteFloatReadsBackAsItself(@ForAll double number) throws Exception {
    PythonValue value = new PythonValue.Real(number);
    assertThat(PythonJson.parse(value.json())).isEqualTo(value);
  }

  @Property(tries = 2000)
  void textsAreOrderedByCodePoint(@ForAll String left, @ForAll String right) {
    int expected = Arrays.compare(left.codePoints().toArray(), right.codePoints().toArray());
    assertThat(Integer.signum(CodePointOrder.INSTANCE.compare(left, right)))
        .isEqualTo(Integer.signum(expected));
  }

  @Test
  void charactersPastTheFirstPlaneComeLast() {
    List<String> texts = new ArrayList<>(List.of("\ue000", "\uffff", "\ud83d\ude00", "a"));
    texts.sort(CodePointOrder.INSTANCE);
    assertThat(texts).containsExactly("a", "\ue000", "\uffff", "\ud83d\ude00");
  }

  @ParameterizedTest
  @CsvSource({
    "5e-324,5e-324", "2e23,2e+23", "1e16,1e+16", "1e15,1000000000000000.0", "0.0001,0.0001",
    "0.00001,1e-05", "-0.0,-0.0", "123456.789,123456.789", "1.5e300,1.5e+300", "100.0,100.0"
  })
  void floatsAreShortest(String text, String printed) {
    assertThat(Hyperparameters.decode(text).str()).isEqualTo(printed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "007",
        "True",
        "1.",
        ".5",
        "+1",
        "0x10",
        "1_000",
        "abc",
        "{\"a\":1,}",
        "[1,]",
        "\"open",
        "\"a\nb\"",
        "'x'",
        "-",
        "1 2",
        "\"\\x41\"",
        "\"\\u12\"",
        "{1:2}",
        "{\"a\"}",
        "nul"
      })
  void whatPythonRefusesStaysText(String text) {
    assertThat(Hyperparameters.decode(text)).isEqualTo(new PythonValue.Text(text));
  }

  @Test
  void saysWhereATextStopsBeingJson() {
    assertThatThrownBy(() -> PythonJson.parse("{\n  \"a\": 1\n  \"b\": 2\n}"))
        .isInstanceOf(NotJsonException.class)
        .hasMessage("expected ',' or '}' at line 3, column 3");
  }
}
