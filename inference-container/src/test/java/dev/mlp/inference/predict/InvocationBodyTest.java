package dev.mlp.inference.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvocationBodyTest {
  private static String json(String body) {
    return new String(
        new InvocationBody().ofJson(body.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
  }

  private static String csv(String body) {
    return new String(
        new InvocationBody().ofCsv(body.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"instances\":[1]}",
        "{\"inputs\":{\"a\":1}}",
        "{\"signature_name\":\"s\",\"instances\":[]}",
        "{\"examples\":[]}",
        ""
      })
  void leavesPredictRequestsAsTheyAre(String body) {
    assertThat(json(body)).isEqualTo(body);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[1.0, 2.0] | {\"instances\":[[1.0, 2.0]]}",
        "[[1.0], [2.0]] | {\"instances\":[[1.0], [2.0]]}",
        "` [ [1], [2]] ` | {\"instances\":[[1],[2]]}",
        "5 | {\"instances\":[5]}",
        "\"text\" | {\"instances\":[\"text\"]}",
        "{\"a\":1} | {\"instances\":[{\"a\":1}]}",
        "{\"a\":{\"instances\":1}} | {\"instances\":[{\"a\":{\"instances\":1}}]}",
        "`{\"a\":1}\n{\"a\":2}\n` | {\"instances\":[{\"a\":1},{\"a\":2}]}",
        "{\"a\":1}{\"a\":2} | {\"instances\":[{\"a\":1},{\"a\":2}]}",
        "`[1,2]\r\n\r\n[3,4]` | {\"instances\":[[1,2],[3,4]]}",
        "`[[1]]\n[[2]]` | {\"instances\":[[[1]],[[2]]]}",
        "`1\n2\n` | {\"instances\":[1,2]}"
      })
  void wrapsOtherJson(String body, String expected) {
    assertThat(json(body).replace(" ", "")).isEqualTo(expected.replace(" ", ""));
  }

  @Test
  void saysWhereTheJsonIsBroken() {
    assertThatThrownBy(() -> json("{\"a\":1}\n{\"a\":}"))
        .hasMessage("JSON Parse error: Invalid value. at offset: 13");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1.0,2.0 | {\"instances\":[[1.0,2.0]]}",
        "`1,2\n3,4\n` | {\"instances\":[[1,2],[3,4]]}",
        "`1,2\r\n\r\n3,4` | {\"instances\":[[1,2],[3,4]]}",
        "`1\n2` | {\"instances\":[1,2]}",
        "abc,1 | {\"instances\":[[\"abc\",1]]}",
        "\"a,b\",\"say \"\"hi\"\"\" | {\"instances\":[[\"a,b\",\"say \\\"hi\\\"\"]]}",
        "`\"two\nlines\",1` | {\"instances\":[[\"two\\nlines\",1]]}",
        ",1, | {\"instances\":[[\"\",1,\"\"]]}",
        "\"1.5\",007,+1 | {\"instances\":[[1.5,\"007\",\"+1\"]]}",
        "NaN,\"NaN\",-Infinity | {\"instances\":[[NaN,\"NaN\",-Infinity]]}",
        "`` | {\"instances\":[]}",
        "`a\\b` | {\"instances\":[\"a\\\\b\"]}"
      })
  void readsCsv(String body, String expected) {
    assertThat(
            csv(body).replace(" 1", "1").replace("[ ", "[").replace(", ", ",").replace(" \"", "\""))
        .isEqualTo(expected.replace("say \\", "say \\").replace(" \"", "\""));
  }
}
