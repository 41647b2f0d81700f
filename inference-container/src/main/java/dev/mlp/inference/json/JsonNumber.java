package dev.mlp.inference.json;

import com.fasterxml.jackson.core.io.NumberInput;

/**
 * One JSON number, kept as RapidJSON keeps it: an integer if it has neither fraction nor exponent
 * and fits 64 bits, else the nearest double. NaN, Inf and Infinity are doubles too.
 */
public final class JsonNumber {
  private static final double[] POWERS_OF_TEN = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  /**
   * Up to here a double holds every integer, so one division or multiplication rounds just once.
   */
  private static final long MAX_EXACT = 1L << 53;

  /** As many digits always fit a long. */
  private static final int MAX_DIGITS = 18;

  private enum Form {
    SIGNED,
    UNSIGNED,
    DECIMAL
  }

  private Form form = Form.SIGNED;
  private long integer;
  private double decimal;
  private char[] buffer = new char[64];

  /** Whether it is an integer that fits a signed 64-bit one. */
  public boolean isLong() {
    return form == Form.SIGNED;
  }

  public boolean isInt() {
    return form == Form.SIGNED && integer == (int) integer;
  }

  /** Whether it is an integer that fits an unsigned 64-bit one. */
  public boolean isUnsignedLong() {
    return form == Form.UNSIGNED || (form == Form.SIGNED && integer >= 0);
  }

  public boolean isUnsignedInt() {
    return form == Form.SIGNED && integer >>> 32 == 0;
  }

  /** Whether it has a fraction or an exponent, or is too large for an integer. */
  public boolean isDecimal() {
    return form == Form.DECIMAL;
  }

  /** The integer's 64 bits; for those beyond the signed range, read them as unsigned. */
  public long longValue() {
    return integer;
  }

  public double doubleValue() {
    return switch (form) {
      case SIGNED -> integer;
      case UNSIGNED -> ((integer >>> 1) | (integer & 1)) * 2.0;
      case DECIMAL -> decimal;
    };
  }

  /** Reads the number that begins at {@code from}; returns the index behind it. */
  int parse(byte[] text, int from, int end) {
    int at = from;
    boolean negative = at < end && text[at] == '-';
    if (negative) {
      at++;
    }
    if (at == end) {
      throw new JsonSyntaxException("Invalid value.", at);
    }
    if (text[at] == 'N' || text[at] == 'I') {
      return parseNotFinite(text, at, end, negative);
    }
    int digitsFrom = at;
    long mantissa = 0;
    int digit;
    while (at < end && (digit = text[at] - '0') >= 0 && digit <= 9) {
      // It may overflow here: the number of digits tells, below.
      mantissa = mantissa * 10 + digit;
      at++;
      if (mantissa == 0 && at == digitsFrom + 1) {
        break; // a leading zero stands alone
      }
    }
    int digits = at - digitsFrom;
    if (digits == 0) {
      throw new JsonSyntaxException("Invalid value.", at);
    }
    if (at == end || (text[at] != '.' && text[at] != 'e' && text[at] != 'E')) {
      setInteger(text, from, at, digits, negative, mantissa);
      return at;
    }
    return parseDecimal(text, from, at, end, digits, negative, mantissa);
  }

  private int parseDecimal(
      byte[] text,
      int from,
      int pointAt,
      int end,
      int integerDigits,
      boolean negative,
      long integerPart) {
    int at = pointAt;
    int digits = integerDigits;
    long mantissa = integerPart;
    int exponent = 0;
    int digit;
    if (text[at] == '.') {
      int fractionFrom = ++at;
      while (at < end && (digit = text[at] - '0') >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit;
        if (mantissa != 0 || digits > 1) {
          digits++;
        }
        at++;
      }
      if (at == fractionFrom) {
        throw new JsonSyntaxException("Miss fraction part in number.", at);
      }
      exponent = fractionFrom - at;
    }
    if (at < end && (text[at] == 'e' || text[at] == 'E')) {
      at++;
      boolean negativeExponent = at < end && text[at] == '-';
      if (at < end && (text[at] == '-' || text[at] == '+')) {
        at++;
      }
      int exponentFrom = at;
      int written = 0;
      while (at < end && (digit = text[at] - '0') >= 0 && digit <= 9) {
        written = Math.min(written * 10 + digit, 100_000);
        at++;
      }
      if (at == exponentFrom) {
        throw new JsonSyntaxException("Miss exponent in number.", at);
      }
      exponent += negativeExponent ? -written : written;
    }
    form = Form.DECIMAL;
    if (digits <= MAX_DIGITS && mantissa <= MAX_EXACT && exponent >= -22 && exponent <= 22) {
      // Both factors are exact, so the one rounding is the right one (Clinger's fast path).
      double value =
          exponent < 0 ? mantissa / POWERS_OF_TEN[-exponent] : mantissa * POWERS_OF_TEN[exponent];
      decimal = negative ? -value : value;
    } else {
      decimal = nearestDouble(text, from, at);
    }
    if (Double.isInfinite(decimal)) {
      throw new JsonSyntaxException("Number too big to be stored in double.", from);
    }
    return at;
  }

  private void setInteger(
      byte[] text, int from, int to, int digits, boolean negative, long mantissa) {
    if (digits <= MAX_DIGITS) {
      form = Form.SIGNED;
      integer = negative ? -mantissa : mantissa;
      return;
    }
    // 19 digits may still fit, or have overflowed: rare enough for the slow and certain way.
    String written = ascii(text, from, to);
    try {
      if (negative) {
        integer = Long.parseLong(written);
        form = Form.SIGNED;
      } else {
        integer = Long.parseUnsignedLong(written);
        form = integer >= 0 ? Form.SIGNED : Form.UNSIGNED;
      }
    } catch (NumberFormatException tooLarge) {
      form = Form.DECIMAL;
      decimal = nearestDouble(text, from, to);
      if (Double.isInfinite(decimal)) {
        throw new JsonSyntaxException("Number too big to be stored in double.", from);
      }
    }
  }

  private int parseNotFinite(byte[] text, int from, int end, boolean negative) {
    form = Form.DECIMAL;
    if (matches(text, from, end, "NaN")) {
      decimal = Double.NaN;
      return from + 3;
    }
    if (matches(text, from, end, "Inf")) {
      decimal = negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      return from + (matches(text, from, end, "Infinity") ? 8 : 3);
    }
    throw new JsonSyntaxException("Invalid value.", from);
  }

  private static boolean matches(byte[] text, int from, int end, String word) {
    if (end - from < word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (text[from + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The general case, correctly rounded; Jackson's parser takes the characters as they are. */
  private double nearestDouble(byte[] text, int from, int to) {
    int length = to - from;
    if (buffer.length < length) {
      buffer = new char[length];
    }
    for (int i = 0; i < length; i++) {
      buffer[i] = (char) text[from + i];
    }
    double value = NumberInput.parseDouble(buffer, 0, length, true);
    if (buffer.length > 1024) {
      buffer = new char[64];
    }
    return value;
  }

  @SuppressWarnings("deprecation") // the range holds digits and a sign: one byte is one character
  private static String ascii(byte[] text, int from, int to) {
    return new String(text, 0, from, to - from);
  }
}
