package dev.mlp.training.contract;

import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A value as {@code json.loads} yields it, and the four ways in which the toolkit writes one:
 * {@link #json}, {@link #repr}, {@link #variable} and {@link #argument}.
 *
 * <p>The kinds print themselves, rather than being switched over, because a pattern switch costs
 * the entry point its bootstrap on the way to a job's first line.
 */
public sealed interface PythonValue {
  /** Appends {@code json.dumps(value, sort_keys=True, separators=(",", ":"))}. */
  void appendJson(StringBuilder to);

  /** Appends {@code repr(value)}. */
  void appendRepr(StringBuilder to);

  /** {@code bool(value)}. */
  boolean isTrue();

  default String json() {
    StringBuilder text = new StringBuilder();
    appendJson(text);
    return text.toString();
  }

  default String repr() {
    StringBuilder text = new StringBuilder();
    appendRepr(text);
    return text.toString();
  }

  /** {@code str(value)}. */
  default String str() {
    return repr();
  }

  /** The value of an environment variable: text as it is, everything else as JSON. */
  default String variable() {
    return json();
  }

  /** The value of a command line argument. */
  default String argument() {
    return str();
  }

  /** {@code None}. */
  enum None implements PythonValue {
    NONE;

    @Override
    public void appendJson(StringBuilder to) {
      to.append("null");
    }

    @Override
    public void appendRepr(StringBuilder to) {
      to.append("None");
    }

    @Override
    public boolean isTrue() {
      return false;
    }

    @Override
    public String variable() {
      return "";
    }

    @Override
    public String argument() {
      return "";
    }
  }

  /** {@code True} or {@code False}. */
  record Bool(boolean value) implements PythonValue {
    @Override
    public void appendJson(StringBuilder to) {
      to.append(value);
    }

    @Override
    public void appendRepr(StringBuilder to) {
      to.append(value ? "True" : "False");
    }

    @Override
    public boolean isTrue() {
      return value;
    }
  }

  /** An integer of any size. */
  record Int(BigInteger value) implements PythonValue {
    public static Int of(long value) {
      return new Int(BigInteger.valueOf(value));
    }

    @Override
    public void appendJson(StringBuilder to) {
      to.append(value);
    }

    @Override
    public void appendRepr(StringBuilder to) {
      to.append(value);
    }

    @Override
    public boolean isTrue() {
      return value.signum() != 0;
    }
  }

  /** A float. Its JSON is Python's, where infinity and NaN stand bare. */
  record Real(double value) implements PythonValue {
    @Override
    public void appendJson(StringBuilder to) {
      if (Double.isNaN(value)) {
        to.append("NaN");
      } else if (Double.isInfinite(value)) {
        to.append(value < 0 ? "-Infinity" : "Infinity");
      } else {
        to.append(PythonFloat.repr(value));
      }
    }

    @Override
    public void appendRepr(StringBuilder to) {
      if (Double.isNaN(value)) {
        to.append("nan");
      } else if (Double.isInfinite(value)) {
        to.append(value < 0 ? "-inf" : "inf");
      } else {
        to.append(PythonFloat.repr(value));
      }
    }

    @Override
    public boolean isTrue() {
      return value != 0;
    }
  }

  /** A string. */
  record Text(String value) implements PythonValue {
    @Override
    public void appendJson(StringBuilder to) {
      PythonText.appendJson(value, to);
    }

    @Override
    public void appendRepr(StringBuilder to) {
      PythonText.appendRepr(value, to);
    }

    @Override
    public boolean isTrue() {
      return !value.isEmpty();
    }

    @Override
    public String str() {
      return value;
    }

    @Override
    public String variable() {
      return value;
    }
  }

  /** A list. */
  record Items(List<PythonValue> values) implements PythonValue {
    public Items {
      values = List.copyOf(values);
    }

    @Override
    public void appendJson(StringBuilder to) {
      to.append('[');
      for (int i = 0; i < values.size(); i++) {
        if (i > 0) {
          to.append(',');
        }
        values.get(i).appendJson(to);
      }
      to.append(']');
    }

    @Override
    public void appendRepr(StringBuilder to) {
      to.append('[');
      for (int i = 0; i < values.size(); i++) {
        if (i > 0) {
          to.append(", ");
        }
        values.get(i).appendRepr(to);
      }
      to.append(']');
    }

    @Override
    public boolean isTrue() {
      return !values.isEmpty();
    }
  }

  /** A dictionary. It keeps its order for {@code repr}; JSON and arguments are sorted by key. */
  record Dict(Map<String, PythonValue> values) implements PythonValue {
    public Dict {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** The keys in Python's order. */
    public Iterable<String> sortedKeys() {
      TreeSet<String> keys = new TreeSet<>(CodePointOrder.INSTANCE);
      keys.addAll(values.keySet());
      return keys;
    }

    /** The value of a key, or {@code None}. */
    public PythonValue get(String key) {
      return values.getOrDefault(key, None.NONE);
    }

    @Override
    public void appendJson(StringBuilder to) {
      String separator = "{";
      for (String key : sortedKeys()) {
        PythonText.appendJson(key, to.append(separator));
        get(key).appendJson(to.append(':'));
        separator = ",";
      }
      to.append(values.isEmpty() ? "{}" : "}");
    }

    @Override
    public void appendRepr(StringBuilder to) {
      String separator = "";
      to.append('{');
      for (Map.Entry<String, PythonValue> entry : values.entrySet()) {
        PythonText.appendRepr(entry.getKey(), to.append(separator));
        entry.getValue().appendRepr(to.append(": "));
        separator = ", ";
      }
      to.append('}');
    }

    @Override
    public boolean isTrue() {
      return !values.isEmpty();
    }

    @Override
    public String argument() {
      StringBuilder text = new StringBuilder();
      String separator = "";
      for (String key : sortedKeys()) {
        text.append(separator).append(key).append('=').append(get(key).str());
        separator = ",";
      }
      return text.toString();
    }
  }
}
