package dev.mlp.inference.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecimalFormatterTest {
  private final DecimalFormatter formatter = new DecimalFormatter();
  private final ByteBuilder out = new ByteBuilder(16);

  private String print(float value) {
    formatter.write(value, out.clear(64));
    return out.toString();
  }

  private String print(double value) {
    formatter.write(value, out.clear(64));
    return out.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "2.5,2.5",
    "0,0.0",
    "-0.0,-0.0",
    "1,1.0",
    "-42,-42.0",
    "0.1,0.1",
    "0.2,0.2",
    "100000,100000.0",
    "999999,999999.0",
    "1000000,1e+06",
    "9000000,9e+06",
    "1234567,1234567.0",
    "16777216,16777216.0",
    "123456789,123456792.0",
    "1e9,1e+09",
    "1.5e10,1.5e+10",
    "0.001,0.001",
    "0.0001,0.0001",
    "0.00003,3e-05",
    "1e-10,1e-10",
    "1.17549435E-38,1.1754944e-38",
    "3.4028235e38,3.4028235e+38",
    "0.333333343,0.33333334",
    "0.669074059,0.66907406",
    "-123.456,-123.456",
    "NaN,NaN",
    "Infinity,Infinity",
    "-Infinity,-Infinity"
  })
  void laysFloatsOutAsTensorFlowServingDoes(float value, String expected) {
    assertThat(print(value)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "2.5,2.5", "0.1,0.1", "0.30000000000000004,0.30000000000000004", "1e6,1e+06",
    "12345678901,12345678901.0", "1e100,1e+100", "1e-300,1e-300", "0.00001,1e-05",
    "123456789012345680,1.2345678901234568e+17", "-0.0,-0.0", "NaN,NaN"
  })
  void laysDoublesOutAsTensorFlowServingDoes(double value, String expected) {
    assertThat(print(value)).isEqualTo(expected);
  }

  @Property(tries = 20_000)
  void everyFloatReadsBackAsItself(@ForAll int bits) {
    float value = Float.intBitsToFloat(bits);
    assertThat(Float.parseFloat(print(value))).isEqualTo(Float.valueOf(value));
  }

  @Property(tries = 20_000)
  void everyDoubleReadsBackAsItself(@ForAll long bits) {
    double value = Double.longBitsToDouble(bits);
    assertThat(Double.parseDouble(print(value))).isEqualTo(Double.valueOf(value));
  }

  @Property(tries = 5_000)
  void everyFiniteNumberLooksLikeADecimal(@ForAll int bits) {
    float value = Float.intBitsToFloat(bits);
    if (Float.isFinite(value)) {
      assertThat(print(value)).matches("-?\\d+(\\.\\d+)?(e[+-]\\d\\d+)?").containsAnyOf(".", "e");
    }
  }

  /** The layout that C's printf gives where six digits are enough. */
  @Property(tries = 5_000)
  void agreesWithPrintfWhereSixDigitsAreEnough(@ForAll short numerator, @ForAll byte scale) {
    float value = (float) (numerator * Math.pow(10, scale % 12));
    String six = percentG(value);
    if (Float.parseFloat(six) == value && value != 0) {
      assertThat(print(value)).isEqualTo(six);
    }
  }

  /** C's %g with TensorFlow Serving's ".0"; Java's own %g keeps trailing zeros. */
  private static String percentG(float value) {
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= -4 && exponent < 6) {
      String plain = rounded.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String digits = rounded.unscaledValue().abs().toString();
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + (exponent < 0 ? "e-" : "e+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }
}
