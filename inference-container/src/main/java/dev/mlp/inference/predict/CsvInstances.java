package dev.mlp.inference.predict;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.json.JsonReader;
import dev.mlp.inference.json.JsonSyntaxException;
import dev.mlp.inference.json.JsonWriter;

/** One pass over CSV text. Fields may hold line breaks and commas where they are quoted. */
final class CsvInstances {
  private final byte[] text;
  private final JsonReader numbers = new JsonReader();
  private final ByteBuilder out;
  private final JsonWriter json;
  private final ByteBuilder field = new ByteBuilder(64);
  private int position;

  CsvInstances(byte[] text) {
    this.text = text;
    this.out = new ByteBuilder(text.length + text.length / 4 + 32);
    this.json = new JsonWriter(out);
  }

  byte[] toJson() {
    out.ascii("{\"instances\":[");
    int rows = 0;
    while (position < text.length) {
      if (isBlankLine()) {
        position = endOfLine() + 1;
        continue;
      }
      if (rows++ > 0) {
        out.put(',');
      }
      row();
    }
    return out.ascii("]}").toByteArray();
  }

  private void row() {
    int start = out.size();
    out.put('[');
    int columns = 0;
    boolean more;
    do {
      if (columns++ > 0) {
        out.put(',');
      }
      more = field();
    } while (more);
    if (columns == 1) {
      // A single column is a plain value, not a list of one.
      out.array()[start] = ' ';
    } else {
      out.put(']');
    }
  }

  /** Reads a field and its end; true if the line goes on. */
  private boolean field() {
    field.clear(1 << 16);
    boolean quoted = false;
    boolean everQuoted = false;
    while (position < text.length) {
      byte next = text[position++];
      if (next == '"') {
        if (quoted && position < text.length && text[position] == '"') {
          field.append(next);
          position++;
        } else {
          quoted = !quoted;
          everQuoted = true;
        }
      } else if (!quoted && (next == ',' || next == '\n')) {
        write(everQuoted);
        return next == ',';
      } else if (quoted || next != '\r' || (position < text.length && text[position] != '\n')) {
        field.append(next);
      }
    }
    write(everQuoted);
    return false;
  }

  private void write(boolean quoted) {
    if (isNumber(quoted)) {
      out.append(field.array(), 0, field.size());
    } else {
      json.string(field.array(), 0, field.size());
    }
  }

  /** NaN and Infinity are numbers unless they are quoted. */
  private boolean isNumber(boolean quoted) {
    numbers.reset(field.array(), 0, field.size());
    if (numbers.atEnd()) {
      return false;
    }
    try {
      double value = numbers.number().doubleValue();
      return numbers.atEnd() && (Double.isFinite(value) || !quoted);
    } catch (JsonSyntaxException e) {
      return false;
    }
  }

  private boolean isBlankLine() {
    int end = endOfLine();
    for (int i = position; i < end; i++) {
      if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  private int endOfLine() {
    int end = position;
    while (end < text.length && text[end] != '\n') {
      end++;
    }
    return end;
  }
}
