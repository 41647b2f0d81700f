package dev.mlp.sdk;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON exactly as Python's {@code json.dumps} writes it: {@code ", "} and {@code ": "} as
 * separators, ASCII only, floats as {@code repr} shows them. Containers compare and log
 * hyperparameters as text, so the same values must give the same text from every SDK.
 */
final class PythonJson {
  private PythonJson() {}

  /**
   * Encodes null, booleans, numbers, text, maps, and collections or arrays of those.
   *
   * @throws IllegalArgumentException for any other type
   */
  static String dumps(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    write(out, value);
    return out.toString();
  }

  private static void write(StringBuilder out, @Nullable Object value) {
    switch (value) {
      case null -> out.append("null");
      case Boolean b -> out.append(b.booleanValue());
      case Double d -> out.append(number(d, d.toString()));
      case Float f -> out.append(number(f.doubleValue(), f.toString()));
      case Byte n -> out.append(n.intValue());
      case Short n -> out.append(n.intValue());
      case Integer n -> out.append(n.intValue());
      case Long n -> out.append(n.longValue());
      case BigInteger n -> out.append(n);
      case BigDecimal n -> out.append(number(n.doubleValue(), Double.toString(n.doubleValue())));
      case CharSequence text -> string(out, text);
      case Character c -> string(out, c.toString());
      case Enum<?> constant -> string(out, constant.name());
      case Map<?, ?> map -> object(out, map);
      case Iterable<?> items -> array(out, items.iterator());
      case Object[] items -> array(out, java.util.List.of(items).iterator());
      case int[] items -> array(out, java.util.Arrays.stream(items).boxed().iterator());
      case long[] items -> array(out, java.util.Arrays.stream(items).boxed().iterator());
      case double[] items -> array(out, java.util.Arrays.stream(items).boxed().iterator());
      default ->
          throw new IllegalArgumentException(
              "a hyperparameter cannot be a " + value.getClass().getName() + ": " + value);
    }
  }

  private static void object(StringBuilder out, Map<?, ?> map) {
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator);
      string(out, String.valueOf(entry.getKey()));
      out.append(": ");
      write(out, entry.getValue());
      separator = ", ";
    }
    out.append('}');
  }

  private static void array(StringBuilder out, Iterator<?> items) {
    out.append('[');
    while (items.hasNext()) {
      write(out, items.next());
      if (items.hasNext()) {
        out.append(", ");
      }
    }
    out.append(']');
  }

  private static void string(StringBuilder out, CharSequence text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20 || c > 0x7e) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /** Python writes plain digits while the exponent is in [-4, 16), else {@code 1e-05}. */
  private static String number(double value, String shortest) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    if (value == 0) {
      return shortest;
    }
    BigDecimal exact = new BigDecimal(shortest).stripTrailingZeros();
    int exponent = exact.precision() - exact.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = exact.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = exact.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    return (value < 0 ? "-" : "")
        + mantissa
        + String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
  }
}
