package dev.mlp.inference.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** Writes single JSON values as TensorFlow Serving does; layout is the caller's. */
public final class JsonWriter {
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
  };
  private static final byte[] PLACEHOLDER = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

  private final ByteBuilder out;
  private final DecimalFormatter decimals = new DecimalFormatter();

  public JsonWriter(ByteBuilder out) {
    this.out = out;
  }

  public ByteBuilder out() {
    return out;
  }

  public void number(float value) {
    decimals.write(value, out);
  }

  public void number(double value) {
    decimals.write(value, out);
  }

  public void number(long value) {
    out.integer(value);
  }

  public void unsigned(long value) {
    if (value >= 0) {
      out.integer(value);
    } else {
      out.ascii(Long.toUnsignedString(value));
    }
  }

  public void bool(boolean value) {
    out.ascii(value ? "true" : "false");
  }

  public void string(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    string(utf8, 0, utf8.length);
  }

  /** A string of UTF-8 bytes; what is no UTF-8 becomes the replacement character. */
  public void string(byte[] bytes, int from, int to) {
    out.put('"');
    int plainFrom = from;
    int at = from;
    while (at < to) {
      byte next = bytes[at];
      if (next >= ' ' && next != '"' && next != '\\') {
        at++;
        continue;
      }
      int length = next < 0 ? Utf8.sequenceLength(bytes, at, to) : 0;
      if (length > 0) {
        at += length;
        continue;
      }
      out.append(bytes, plainFrom, at - plainFrom);
      if (next < 0) {
        out.append(PLACEHOLDER, 0, PLACEHOLDER.length);
      } else {
        escape(next);
      }
      plainFrom = ++at;
    }
    out.append(bytes, plainFrom, to - plainFrom);
    out.put('"');
  }

  /** The quoted base64 form of some bytes. */
  public void base64(byte[] bytes, int from, int to) {
    byte[] encoded = Base64.getEncoder().encode(Arrays.copyOfRange(bytes, from, to));
    out.put('"');
    out.append(encoded, 0, encoded.length);
    out.put('"');
  }

  private void escape(byte value) {
    out.put('\\');
    switch (value) {
      case '"', '\\' -> out.append(value);
      case '\b' -> out.put('b');
      case '\f' -> out.put('f');
      case '\n' -> out.put('n');
      case '\r' -> out.put('r');
      case '\t' -> out.put('t');
      default -> {
        out.ascii("u00");
        out.append(HEX[value >> 4]);
        out.append(HEX[value & 15]);
      }
    }
  }
}
