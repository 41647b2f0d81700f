package dev.mlp.inference.json;

import java.nio.charset.StandardCharsets;

/**
 * Pulls JSON values out of a byte array, with the grammar of TensorFlow Serving: RapidJSON with NaN
 * and Infinity. Written by hand, on bytes, for three reasons: numbers go straight into tensors,
 * errors carry RapidJSON's texts and offsets, and a value's place is known, so that an error can
 * show it.
 *
 * <p>Callers look at {@link #peek}, then call the method of that kind. Not thread-safe; reused.
 */
public final class JsonReader {
  /** Deeper nesting is refused: TensorFlow ends the process over a tensor of 255 dimensions. */
  static final int MAX_DEPTH = 250;

  /** A place in the text. */
  public record Mark(int position, int depth) {}

  private final JsonNumber number = new JsonNumber();
  private byte[] text = {};
  private int end;
  private int position;
  private int start;
  private int depth;

  /** Starts on {@code text[from, to)}; offsets in errors count from {@code from}. */
  public void reset(byte[] bytes, int from, int to) {
    text = bytes;
    start = from;
    position = from;
    end = to;
    depth = 0;
    if (to - from >= 3
        && bytes[from] == (byte) 0xEF
        && bytes[from + 1] == (byte) 0xBB
        && bytes[from + 2] == (byte) 0xBF) {
      position += 3;
    }
  }

  public byte[] text() {
    return text;
  }

  /** Index into {@link #text} of the next byte. */
  public int position() {
    return position;
  }

  /** Index into {@link #text} where the text ends. */
  public int end() {
    return end;
  }

  /** Where the reader stands now, for {@link #returnTo}. */
  public Mark mark() {
    return new Mark(position, depth);
  }

  public void returnTo(Mark mark) {
    position = mark.position;
    depth = mark.depth;
  }

  /** Reads the whole text, which must be one value. */
  public void checkSyntax() {
    if (atEnd()) {
      throw error("The document is empty.");
    }
    skipValue();
    if (!atEnd()) {
      throw error("The document root must not be followed by other values.");
    }
  }

  /** Whether nothing but white space is left. */
  public boolean atEnd() {
    skipWhitespace();
    return position == end;
  }

  /** The kind of the value that comes next. Null, true, false and numbers are checked when read. */
  public JsonKind peek() {
    skipWhitespace();
    if (position == end) {
      throw error("Invalid value.");
    }
    return switch (text[position]) {
      case '{' -> JsonKind.OBJECT;
      case '[' -> JsonKind.ARRAY;
      case '"' -> JsonKind.STRING;
      case 'n' -> JsonKind.NULL;
      case 't' -> JsonKind.TRUE;
      case 'f' -> JsonKind.FALSE;
      default -> JsonKind.NUMBER;
    };
  }

  /** Enters an array: true if it has a first element, false if it was empty and is left again. */
  public boolean beginArray() {
    enter();
    skipWhitespace();
    if (position < end && text[position] == ']') {
      leave();
      return false;
    }
    return true;
  }

  /** After an element: true if another one follows, false if the array has ended. */
  public boolean nextElement() {
    skipWhitespace();
    if (position < end) {
      byte next = text[position];
      if (next == ',') {
        position++;
        return true;
      }
      if (next == ']') {
        leave();
        return false;
      }
    }
    throw error("Missing a comma or ] after an array element.");
  }

  /** Enters an object: true if it has a first member, false if it was empty and is left again. */
  public boolean beginObject() {
    enter();
    skipWhitespace();
    if (position < end && text[position] == '}') {
      leave();
      return false;
    }
    return true;
  }

  /** After a member: true if another one follows, false if the object has ended. */
  public boolean nextMember() {
    skipWhitespace();
    if (position < end) {
      byte next = text[position];
      if (next == ',') {
        position++;
        return true;
      }
      if (next == '}') {
        leave();
        return false;
      }
    }
    throw error("Missing a comma or } after an object member.");
  }

  /** Reads a member's name and the colon into the sink. */
  public void name(StringSink sink) {
    skipWhitespace();
    if (position == end || text[position] != '"') {
      throw error("Missing a name for object member.");
    }
    string(sink);
    skipWhitespace();
    if (position == end || text[position] != ':') {
      throw error("Missing a colon after a name of object member.");
    }
    position++;
  }

  /** Reads a number; the result is valid until the next call. */
  public JsonNumber number() {
    skipWhitespace();
    try {
      position = number.parse(text, position, end);
    } catch (JsonSyntaxException e) {
      throw e.from(start);
    }
    return number;
  }

  public void literal(JsonKind kind) {
    skipWhitespace();
    String word =
        switch (kind) {
          case NULL -> "null";
          case TRUE -> "true";
          case FALSE -> "false";
          default -> throw new IllegalArgumentException(kind + " is no literal");
        };
    for (int i = 0; i < word.length(); i++, position++) {
      if (position == end || text[position] != word.charAt(i)) {
        throw error("Invalid value.");
      }
    }
  }

  /** Reads a string, its escapes resolved to UTF-8, into the sink. */
  public void string(StringSink sink) {
    skipWhitespace();
    int from = ++position;
    while (position < end) {
      byte next = text[position];
      if (next == '"') {
        sink.append(text, from, position - from);
        position++;
        return;
      }
      if (next == '\\') {
        sink.append(text, from, position - from);
        escape(sink);
        from = position;
      } else if (next >= 0 && next < ' ') {
        throw error("Invalid encoding in string.");
      } else {
        position++;
      }
    }
    throw error("Missing a closing quotation mark in string.");
  }

  /** Reads the next value and forgets it. */
  public void skipValue() {
    switch (peek()) {
      case NULL -> literal(JsonKind.NULL);
      case TRUE -> literal(JsonKind.TRUE);
      case FALSE -> literal(JsonKind.FALSE);
      case NUMBER -> number();
      case STRING -> string(StringSink.NONE);
      case ARRAY -> {
        if (beginArray()) {
          do {
            skipValue();
          } while (nextElement());
        }
      }
      case OBJECT -> {
        if (beginObject()) {
          do {
            name(StringSink.NONE);
            skipValue();
          } while (nextMember());
        }
      }
    }
  }

  private void enter() {
    if (++depth > MAX_DEPTH) {
      throw error("Nested deeper than " + MAX_DEPTH + " levels.");
    }
    position++;
  }

  private void leave() {
    depth--;
    position++;
  }

  private void skipWhitespace() {
    while (position < end) {
      byte next = text[position];
      if (next != ' ' && next != '\n' && next != '\r' && next != '\t') {
        return;
      }
      position++;
    }
  }

  private void escape(StringSink sink) {
    int escape = position++;
    if (position == end) {
      throw error("Missing a closing quotation mark in string.");
    }
    byte kind = text[position++];
    switch (kind) {
      case '"', '\\', '/' -> sink.append(kind);
      case 'b' -> sink.append((byte) '\b');
      case 'f' -> sink.append((byte) '\f');
      case 'n' -> sink.append((byte) '\n');
      case 'r' -> sink.append((byte) '\r');
      case 't' -> sink.append((byte) '\t');
      case 'u' -> {
        int codePoint = hex(escape);
        if (codePoint >= 0xD800 && codePoint <= 0xDFFF) {
          codePoint = surrogatePair(codePoint, escape);
        }
        byte[] utf8 = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
        sink.append(utf8, 0, utf8.length);
      }
      default -> throw errorAt("Invalid escape character in string.", escape);
    }
  }

  private int surrogatePair(int high, int escape) {
    if (high <= 0xDBFF
        && position + 1 < end
        && text[position] == '\\'
        && text[position + 1] == 'u') {
      position += 2;
      int low = hex(escape);
      if (low >= 0xDC00 && low <= 0xDFFF) {
        return Character.toCodePoint((char) high, (char) low);
      }
    }
    throw errorAt("The surrogate pair in string is invalid.", escape);
  }

  private int hex(int escape) {
    int value = 0;
    for (int i = 0; i < 4; i++, position++) {
      int digit = position < end ? Character.digit(text[position], 16) : -1;
      if (digit < 0) {
        throw errorAt("Incorrect hex digit after \\u escape in string.", escape);
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private JsonSyntaxException error(String message) {
    return errorAt(message, position);
  }

  private JsonSyntaxException errorAt(String message, int index) {
    return new JsonSyntaxException(message, index - start);
  }
}
