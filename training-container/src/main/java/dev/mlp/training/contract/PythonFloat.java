package dev.mlp.training.contract;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** How Python prints a finite float: the shortest digits that read back as the same number. */
final class PythonFloat {
  private PythonFloat() {}

  static String repr(double value) {
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = shortest(Math.abs(value));
    String digits = shortest.unscaledValue().toString();
    int exponent = digits.length() - 1 - shortest.scale();
    StringBuilder text = new StringBuilder(value < 0 ? "-" : "");
    if (exponent < -4 || exponent >= 16) {
      appendScientific(text, digits, exponent);
    } else if (exponent < 0) {
      text.append("0.").append("0".repeat(-exponent - 1)).append(digits);
    } else if (digits.length() <= exponent + 1) {
      text.append(digits).append("0".repeat(exponent + 1 - digits.length())).append(".0");
    } else {
      text.append(digits, 0, exponent + 1)
          .append('.')
          .append(digits, exponent + 1, digits.length());
    }
    return text.toString();
  }

  /** Java prints the shortest digits too, but never fewer than two: 4.9E-324 where Python has 5. */
  private static BigDecimal shortest(double value) {
    BigDecimal printed = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (printed.precision() == 2) {
      BigDecimal exact = new BigDecimal(value);
      BigDecimal single = exact.round(new MathContext(1, RoundingMode.HALF_EVEN));
      if (single.doubleValue() == value) {
        return single.stripTrailingZeros();
      }
    }
    return printed;
  }

  private static void appendScientific(StringBuilder text, String digits, int exponent) {
    text.append(digits.charAt(0));
    if (digits.length() > 1) {
      text.append('.').append(digits, 1, digits.length());
    }
    text.append(exponent < 0 ? "e-" : "e+");
    int size = Math.abs(exponent);
    text.append(size < 10 ? "0" : "").append(size);
  }
}
