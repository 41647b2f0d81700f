package dev.mlp.training.contract;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON exactly as Python's {@code json.loads} does: what it accepts decides whether a
 * hyperparameter is a number or stays text. Unlike the standard it takes {@code NaN}, {@code
 * Infinity} and {@code -Infinity}; unlike most parsers it refuses {@code 007} and keeps integers of
 * any size exact.
 */
public final class PythonJson {
  private final String text;
  private int next;

  private PythonJson(String text) {
    this.text = text;
  }

  /**
   * Reads one value, with blanks around it.
   *
   * @throws NotJsonException when Python would raise an error
   */
  public static PythonValue parse(String text) throws NotJsonException {
    PythonJson reader = new PythonJson(text);
    reader.skipBlanks();
    PythonValue value = reader.value();
    reader.skipBlanks();
    if (reader.next < text.length()) {
      throw reader.expected("the end");
    }
    return value;
  }

  private PythonValue value() throws NotJsonException {
    char first = peek();
    if (first == '"') {
      next++;
      return new PythonValue.Text(string());
    } else if (first == '{') {
      next++;
      return object();
    } else if (first == '[') {
      next++;
      return array();
    } else if (skip("null")) {
      return PythonValue.None.NONE;
    } else if (skip("true")) {
      return new PythonValue.Bool(true);
    } else if (skip("false")) {
      return new PythonValue.Bool(false);
    } else if (skip("NaN")) {
      return new PythonValue.Real(Double.NaN);
    } else if (skip("Infinity")) {
      return new PythonValue.Real(Double.POSITIVE_INFINITY);
    } else if (skip("-Infinity")) {
      return new PythonValue.Real(Double.NEGATIVE_INFINITY);
    }
    return number();
  }

  private PythonValue object() throws NotJsonException {
    Map<String, PythonValue> values = new LinkedHashMap<>();
    skipBlanks();
    if (!skip("}")) {
      do {
        skipBlanks();
        if (!skip("\"")) {
          throw expected("a key in double quotes");
        }
        String key = string();
        skipBlanks();
        if (!skip(":")) {
          throw expected("':'");
        }
        skipBlanks();
        values.put(key, value());
        skipBlanks();
      } while (skip(","));
      if (!skip("}")) {
        throw expected("',' or '}'");
      }
    }
    return new PythonValue.Dict(values);
  }

  private PythonValue array() throws NotJsonException {
    List<PythonValue> values = new ArrayList<>();
    skipBlanks();
    if (!skip("]")) {
      do {
        skipBlanks();
        values.add(value());
        skipBlanks();
      } while (skip(","));
      if (!skip("]")) {
        throw expected("',' or ']'");
      }
    }
    return new PythonValue.Items(values);
  }

  /** Reads the rest of a string whose opening quote is behind. */
  private String string() throws NotJsonException {
    StringBuilder value = new StringBuilder();
    while (true) {
      char c = peek();
      if (c < ' ') {
        throw expected("the end of the string");
      }
      next++;
      if (c == '"') {
        return value.toString();
      }
      value.append(c == '\\' ? escape() : c);
    }
  }

  private char escape() throws NotJsonException {
    char c = peek();
    next++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> hexadecimal();
      default -> {
        next--;
        throw expected("an escape sequence");
      }
    };
  }

  private char hexadecimal() throws NotJsonException {
    int value = 0;
    for (int end = next + 4; next < end; next++) {
      char c = peek();
      int digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        throw expected("four hexadecimal digits");
      }
      value = value << 4 | digit;
    }
    return (char) value;
  }

  private PythonValue number() throws NotJsonException {
    int start = next;
    skip("-");
    if (!skip("0") && !skipDigits()) {
      next = start;
      throw expected("a value");
    }
    boolean isInteger = true;
    int mark = next;
    if (skip(".")) {
      if (skipDigits()) {
        isInteger = false;
        mark = next;
      }
    }
    next = mark;
    if (skip("e") || skip("E")) {
      if (!skip("+")) {
        skip("-");
      }
      if (skipDigits()) {
        isInteger = false;
        mark = next;
      }
    }
    next = mark;
    String digits = text.substring(start, next);
    return isInteger
        ? new PythonValue.Int(new BigInteger(digits))
        : new PythonValue.Real(Double.parseDouble(digits));
  }

  private boolean skipDigits() {
    int start = next;
    while (next < text.length() && text.charAt(next) >= '0' && text.charAt(next) <= '9') {
      next++;
    }
    return next > start;
  }

  private void skipBlanks() {
    while (next < text.length() && " \t\n\r".indexOf(text.charAt(next)) >= 0) {
      next++;
    }
  }

  private boolean skip(String token) {
    boolean found = text.startsWith(token, next);
    if (found) {
      next += token.length();
    }
    return found;
  }

  /** The next character; NUL, which is allowed nowhere, at the end. */
  private char peek() {
    return next < text.length() ? text.charAt(next) : '\0';
  }

  private NotJsonException expected(String what) {
    return new NotJsonException(what, text, Math.min(next, text.length()));
  }
}
