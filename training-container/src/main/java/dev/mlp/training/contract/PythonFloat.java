package dev.mlp.training.contract;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * How Python prints a finite float: the shortest digits that read back as the same number.
 *
 * @param digits without leading or trailing zeros
 * @param exponent of the first digit, as a power of ten
 */
record PythonFloat(String digits, int exponent) {
  /** Below, one digit may be enough where Java prints two: 5e-324 for its 4.9E-324. */
  private static final double FEW_BITS = 1e-320;

  static String repr(double value) {
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    double size = Math.abs(value);
    PythonFloat number = size < FEW_BITS ? ofFewBits(size) : of(Double.toString(size));
    return (value < 0 ? "-" : "") + number.text();
  }

  /** Java finds the shortest digits too, and writes them otherwise: 1.0E-7 for 1e-07. */
  private static PythonFloat of(String printed) {
    int mark = printed.indexOf('E');
    String mantissa = mark < 0 ? printed : printed.substring(0, mark);
    int power = mark < 0 ? 0 : Integer.parseInt(printed.substring(mark + 1));
    int point = mantissa.indexOf('.');
    String all = mantissa.substring(0, point) + mantissa.substring(point + 1);
    int start = 0;
    while (all.charAt(start) == '0') {
      start++;
    }
    int end = all.length();
    while (all.charAt(end - 1) == '0') {
      end--;
    }
    return new PythonFloat(all.substring(start, end), power + point - 1 - start);
  }

  /** Not for all: arithmetic on decimals costs its loading, on the way to a job's first line. */
  private static PythonFloat ofFewBits(double size) {
    String printed = Double.toString(size);
    BigDecimal single = new BigDecimal(size).round(new MathContext(1, RoundingMode.HALF_EVEN));
    if (single.doubleValue() != size) {
      return of(printed);
    }
    return new PythonFloat(single.unscaledValue().toString(), -single.scale());
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    int count = digits.length();
    if (exponent < -4 || exponent >= 16) {
      text.append(digits.charAt(0));
      if (count > 1) {
        text.append('.').append(digits, 1, count);
      }
      int size = Math.abs(exponent);
      text.append(exponent < 0 ? "e-" : "e+").append(size < 10 ? "0" : "").append(size);
    } else if (exponent < 0) {
      text.append("0.").append("0".repeat(-exponent - 1)).append(digits);
    } else if (count <= exponent + 1) {
      text.append(digits).append("0".repeat(exponent + 1 - count)).append(".0");
    } else {
      text.append(digits, 0, exponent + 1).append('.').append(digits, exponent + 1, count);
    }
    return text.toString();
  }
}
