package dev.mlp.inference.json;

/**
 * Prints floating-point numbers in TensorFlow Serving's layout (C's {@code %g}, and {@code .0}
 * after whole numbers), with the fewest digits that read back as the same number. TensorFlow
 * Serving itself takes 9 or 17 digits where 6 do not suffice; the value read is the same. Not
 * thread-safe; reused.
 */
final class DecimalFormatter {
  private final StringBuilder java = new StringBuilder(32);
  private final byte[] digits = new byte[24];
  private int count;
  private int exponent;

  void write(float value, ByteBuilder out) {
    if (isSmallWhole(value)) {
      out.integer((long) value).ascii(".0");
    } else if (Float.isFinite(value)) {
      java.setLength(0);
      java.append(Math.abs(value));
      layOut(value, 9, out);
    } else {
      notFinite(value, out);
    }
  }

  void write(double value, ByteBuilder out) {
    if (isSmallWhole(value)) {
      out.integer((long) value).ascii(".0");
    } else if (Double.isFinite(value)) {
      java.setLength(0);
      java.append(Math.abs(value));
      layOut(value, 17, out);
    } else {
      notFinite(value, out);
    }
  }

  private static boolean isSmallWhole(double value) {
    return value == (int) value
        && Math.abs(value) < 1e6
        && Double.doubleToRawLongBits(value) != Long.MIN_VALUE;
  }

  private static void notFinite(double value, ByteBuilder out) {
    out.ascii(Double.isNaN(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
  }

  private void layOut(double value, int fullPrecision, ByteBuilder out) {
    readJavaForm();
    if (Double.doubleToRawLongBits(value) < 0) {
      out.put('-');
    }
    int precision = count <= 6 ? 6 : fullPrecision;
    if (exponent < -4 || exponent >= precision) {
      out.append(digits[0]);
      if (count > 1) {
        out.put('.');
        out.append(digits, 1, count - 1);
      }
      out.ascii(exponent < 0 ? "e-" : "e+");
      int size = Math.abs(exponent);
      if (size < 10) {
        out.put('0');
      }
      out.integer(size);
    } else if (exponent < 0) {
      out.ascii("0.000", 1 - exponent);
      out.append(digits, 0, count);
    } else if (count <= exponent + 1) {
      // A whole number: all of its digits, as it is known exactly.
      out.integer(Math.abs((long) value)).ascii(".0");
    } else {
      out.append(digits, 0, exponent + 1);
      out.put('.');
      out.append(digits, exponent + 1, count - exponent - 1);
    }
  }

  /**
   * Takes Java's shortest form (1.0E-5, 0.25, 1234.5) apart: significant digits, decimal exponent.
   */
  private void readJavaForm() {
    count = 0;
    int point = 0;
    int leadingZeros = 0;
    int seen = 0;
    int written = 0;
    for (int i = 0; i < java.length(); i++) {
      char next = java.charAt(i);
      if (next == '.') {
        point = seen;
      } else if (next == 'E') {
        written = Integer.parseInt(java, i + 1, java.length(), 10);
        break;
      } else {
        seen++;
        if (count == 0 && next == '0') {
          leadingZeros++;
        } else {
          digits[count++] = (byte) next;
        }
      }
    }
    while (count > 1 && digits[count - 1] == '0') {
      count--;
    }
    if (count == 0) {
      digits[count++] = '0';
      exponent = 0;
    } else {
      exponent = point - leadingZeros - 1 + written;
    }
  }
}
