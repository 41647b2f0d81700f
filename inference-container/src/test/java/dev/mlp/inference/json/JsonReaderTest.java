package dev.mlp.inference.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
  private static final JsonFactory JACKSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private final JsonReader json = new JsonReader();

  private JsonReader on(String text) {
    byte[] bytes = ("###" + text + "###").getBytes(StandardCharsets.UTF_8);
    json.reset(bytes, 3, bytes.length - 3);
    return json;
  }

  private String string(String text) {
    ByteBuilder out = new ByteBuilder(16);
    on(text).string(out);
    assertThat(json.atEnd()).isTrue();
    return out.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | The document is empty. | 0",
        "`  ` | The document is empty. | 2",
        "instances = [1, 2] | Invalid value. | 0",
        "{\"a\":1} x | The document root must not be followed by other values. | 8",
        "{1:2} | Missing a name for object member. | 1",
        "{\"a\" 1} | Missing a colon after a name of object member. | 5",
        "{\"a\":1 \"b\":2} | Missing a comma or } after an object member. | 7",
        "{\"a\":1, | Missing a name for object member. | 7",
        "[1 2] | Missing a comma or ] after an array element. | 3",
        "[1,2 | Missing a comma or ] after an array element. | 4",
        "[1,] | Invalid value. | 3",
        "[nul] | Invalid value. | 4",
        "[01] | Missing a comma or ] after an array element. | 2",
        "\"abc | Missing a closing quotation mark in string. | 4",
        "\"a\\x\" | Invalid escape character in string. | 2",
        "\"\\u12g4\" | Incorrect hex digit after \\u escape in string. | 1",
        "\"\\ud800x\" | The surrogate pair in string is invalid. | 1",
        "\"\\udc00\" | The surrogate pair in string is invalid. | 1",
        "[1e999] | Number too big to be stored in double. | 1"
      })
  void refusesBadJsonInRapidJsonsWords(String text, String message, int offset) {
    assertThatThrownBy(() -> on(text).checkSyntax())
        .hasMessage(message)
        .isInstanceOfSatisfying(
            JsonSyntaxException.class, e -> assertThat(e.offset()).isEqualTo(offset));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        " { \"a\" : [ ] , \"b\" : { } } ",
        "null",
        "true",
        "false",
        "\"\"",
        "-0",
        "[[],[[]]]",
        "[NaN, -Infinity, Inf]",
        "\uFEFF{\"a\":1}",
        "{\"\\u00e9\":\"\\ud83d\\ude00\"}"
      })
  void takesGoodJson(String text) {
    assertThatCode(() -> on(text).checkSyntax()).doesNotThrowAnyException();
  }

  @Test
  void resolvesEscapes() {
    assertThat(string("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20ac\\ud83d\\ude00é\""))
        .isEqualTo("\"\\/\b\f\n\r\té€😀é");
  }

  @Test
  void refusesNestingThatWouldExhaustTheStack() {
    String deep = "[".repeat(100_000);
    assertThatThrownBy(() -> on(deep).checkSyntax())
        .isInstanceOf(JsonSyntaxException.class)
        .hasMessageContaining("Nested deeper");
  }

  @Property
  void readsEveryStringThatJacksonWrites(@ForAll String text) {
    String wellFormed = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    String written = new String(JsonStringEncoder.getInstance().quoteAsString(wellFormed));
    assertThat(string("\"" + written + "\"")).isEqualTo(wellFormed);
  }

  @Property
  void writesEveryStringSoThatJacksonReadsIt(@ForAll String text) throws IOException {
    String wellFormed = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    ByteBuilder out = new ByteBuilder(16);
    new JsonWriter(out).string(wellFormed);
    try (JsonParser parser = JACKSON.createParser(out.toByteArray())) {
      parser.nextToken();
      assertThat(parser.getText()).isEqualTo(wellFormed);
    }
  }

  @Property
  void writesStringsThatAreNoUtf8AsReplacementCharacters(@ForAll byte[] bytes) throws IOException {
    ByteBuilder out = new ByteBuilder(16);
    new JsonWriter(out).string(bytes, 0, bytes.length);
    try (JsonParser parser = JACKSON.createParser(out.toByteArray())) {
      parser.nextToken();
      String read = parser.getText();
      String java = new String(bytes, StandardCharsets.UTF_8);
      // How many replacement characters a broken sequence gives is a matter of taste.
      assertThat(read.replaceAll("\uFFFD+", "?")).isEqualTo(java.replaceAll("\uFFFD+", "?"));
    }
  }

  /** Random text of JSON's own characters: both must agree on what is JSON. */
  @Property(tries = 20_000)
  void agreesWithJacksonOnWhatIsJson(@ForAll("almostJson") String text) {
    assertThat(accepts(text)).as(text).isEqualTo(jacksonAccepts(text));
  }

  @Provide
  Arbitrary<String> almostJson() {
    return Arbitraries.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"b\\n\"",
            "1",
            "-2.5",
            "0",
            "true",
            "null",
            " ",
            "\n")
        .list()
        .ofMaxSize(9)
        .map(parts -> String.join("", parts));
  }

  private boolean accepts(String text) {
    try {
      on(text).checkSyntax();
      return true;
    } catch (JsonSyntaxException e) {
      return false;
    }
  }

  private static boolean jacksonAccepts(String text) {
    try (JsonParser parser = JACKSON.createParser(text)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      if (parser.currentToken().isNumeric()) {
        parser.getDoubleValue();
      }
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }
}
