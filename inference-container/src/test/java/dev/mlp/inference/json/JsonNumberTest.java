package dev.mlp.inference.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonNumberTest {
  private final JsonNumber number = new JsonNumber();

  /** Parses all of the text. */
  private JsonNumber parse(String text) {
    byte[] bytes = ("[" + text + "]").getBytes(StandardCharsets.UTF_8);
    assertThat(number.parse(bytes, 1, bytes.length)).isEqualTo(bytes.length - 1);
    return number;
  }

  @Property(tries = 20_000)
  void readsWhatJavaPrintsOfAnyDouble(@ForAll long bits) {
    double value = Double.longBitsToDouble(bits);
    if (Double.isFinite(value)) {
      assertThat(parse(Double.toString(value)).doubleValue()).isEqualTo(value);
    }
  }

  @Property(tries = 20_000)
  void roundsEveryDecimalAsJavaDoes(
      @ForAll boolean negative,
      @ForAll @NumericChars @StringLength(min = 1, max = 25) String digits,
      @ForAll @NumericChars @StringLength(min = 1, max = 25) String fraction,
      @ForAll @IntRange(min = -330, max = 270) int exponent) {
    String whole = new BigInteger(digits).toString();
    String text = (negative ? "-" : "") + whole + "." + fraction + "e" + exponent;
    assertThat(parse(text).doubleValue()).isEqualTo(Double.parseDouble(text));
    String plain = (negative ? "-" : "") + whole + "." + fraction;
    assertThat(parse(plain).doubleValue()).isEqualTo(Double.parseDouble(plain));
    assertThat(number.isDecimal()).isTrue();
  }

  @Property(tries = 5_000)
  void readsWhatPythonPrintsOfAnyFloat(@ForAll int bits) {
    float value = Float.intBitsToFloat(bits);
    if (Float.isFinite(value)) {
      String seventeenDigits = new BigDecimal(value).round(new MathContext(17)).toString();
      assertThat((float) parse(seventeenDigits).doubleValue()).isEqualTo(value);
    }
  }

  @Property(tries = 5_000)
  void readsEveryLong(@ForAll long value) {
    assertThat(parse(Long.toString(value)).isLong()).isTrue();
    assertThat(number.longValue()).isEqualTo(value);
    assertThat(number.isInt()).isEqualTo(value == (int) value);
    assertThat(number.isUnsignedLong()).isEqualTo(value >= 0);
    assertThat(number.isUnsignedInt()).isEqualTo(value >= 0 && value < 1L << 32);
    assertThat(number.doubleValue()).isEqualTo((double) value);
  }

  @Property
  void readsEveryUnsignedLong(@ForAll @LongRange(min = Long.MIN_VALUE, max = -1) long bits) {
    String text = Long.toUnsignedString(bits);
    assertThat(parse(text).isUnsignedLong()).isTrue();
    assertThat(number.isLong()).isFalse();
    assertThat(number.isDecimal()).isFalse();
    assertThat(number.longValue()).isEqualTo(bits);
    assertThat(number.doubleValue()).isEqualTo(Double.parseDouble(text));
  }

  @Property
  void takesIntegersBeyondSixtyFourBitsAsDecimals(
      @ForAll @NumericChars @StringLength(min = 20, max = 60) String digits) {
    BigInteger value = new BigInteger("9" + digits);
    assertThat(parse(value.toString()).isDecimal()).isTrue();
    assertThat(number.doubleValue()).isEqualTo(value.doubleValue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"18446744073709551616", "36893488147419103232", "184467440737095516160"})
  void isNotFooledByIntegersThatOverflowToZero(String text) {
    assertThat(parse(text).doubleValue()).isEqualTo(Double.parseDouble(text));
  }

  @ParameterizedTest
  @CsvSource({
    "NaN,NaN",
    "-NaN,NaN",
    "Inf,Infinity",
    "-Inf,-Infinity",
    "Infinity,Infinity",
    "-Infinity,-Infinity"
  })
  void readsWhatIsNotFinite(String text, double expected) {
    assertThat(parse(text).doubleValue()).isEqualTo(Double.valueOf(expected));
    assertThat(number.isDecimal()).isTrue();
  }

  @Test
  void takesMinusZeroForAnInteger() {
    assertThat(parse("-0").isLong()).isTrue();
    assertThat(parse("-0.0").doubleValue()).isEqualTo(-0.0);
  }

  @ParameterizedTest
  @CsvSource({
    "-,Invalid value.,2",
    "a,Invalid value.,1",
    "+1,Invalid value.,1",
    ".5,Invalid value.,1",
    "Nan,Invalid value.,1",
    "1.,Miss fraction part in number.,3",
    "1.e5,Miss fraction part in number.,3",
    "1e,Miss exponent in number.,3",
    "1e+,Miss exponent in number.,4",
    "1e400,Number too big to be stored in double.,1"
  })
  void refusesInRapidJsonsWords(String text, String message, int offset) {
    byte[] bytes = ("[" + text + "]").getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> number.parse(bytes, 1, bytes.length))
        .isInstanceOfSatisfying(
            JsonSyntaxException.class, e -> assertThat(e.offset()).isEqualTo(offset))
        .hasMessage(message);
  }

  @Test
  void stopsBehindALeadingZero() {
    byte[] bytes = "01".getBytes(StandardCharsets.UTF_8);
    assertThat(number.parse(bytes, 0, 2)).isEqualTo(1);
  }
}
