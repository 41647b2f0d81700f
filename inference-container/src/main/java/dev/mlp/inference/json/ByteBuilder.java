package dev.mlp.inference.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of bytes. Not thread-safe; reused. */
public final class ByteBuilder implements StringSink {
  private byte[] bytes;
  private int size;

  public ByteBuilder(int capacity) {
    bytes = new byte[capacity];
  }

  /** Forgets the content; memory beyond {@code keep} bytes is given back. */
  public ByteBuilder clear(int keep) {
    size = 0;
    if (bytes.length > keep) {
      bytes = new byte[Math.min(keep, 1024)];
    }
    return this;
  }

  public int size() {
    return size;
  }

  /** The array that holds the content from 0 to {@link #size}; valid until the next append. */
  public byte[] array() {
    return bytes;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  public boolean contentEquals(byte[] other) {
    return Arrays.equals(bytes, 0, size, other, 0, other.length);
  }

  @Override
  public void append(byte[] source, int from, int length) {
    ensure(length);
    System.arraycopy(source, from, bytes, size, length);
    size += length;
  }

  @Override
  public void append(byte value) {
    ensure(1);
    bytes[size++] = value;
  }

  /** Appends text of which every character is ASCII. */
  public ByteBuilder ascii(String text) {
    return ascii(text, text.length());
  }

  /** Appends the first {@code length} characters of a text of ASCII. */
  @SuppressWarnings("deprecation") // one ASCII character is one byte
  ByteBuilder ascii(String text, int length) {
    ensure(length);
    text.getBytes(0, length, bytes, size);
    size += length;
    return this;
  }

  public ByteBuilder utf8(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    append(encoded, 0, encoded.length);
    return this;
  }

  public ByteBuilder put(char ascii) {
    append((byte) ascii);
    return this;
  }

  public ByteBuilder integer(long value) {
    if (value >= 0 && value < 10) {
      return put((char) ('0' + value));
    }
    if (value == Long.MIN_VALUE) {
      return ascii("-9223372036854775808");
    }
    long rest = Math.abs(value);
    int length = value < 0 ? 2 : 1;
    for (long i = rest; i >= 10; i /= 10) {
      length++;
    }
    ensure(length);
    int at = size + length;
    do {
      bytes[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest != 0);
    if (value < 0) {
      bytes[--at] = '-';
    }
    size += length;
    return this;
  }

  private void ensure(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), bytes.length * 2));
    }
  }

  @Override
  public String toString() {
    return new String(bytes, 0, size, StandardCharsets.UTF_8);
  }
}
