package dev.mlp.inference.json;

import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/** JSON values printed for error messages, in the layout of RapidJSON's PrettyWriter. */
public final class JsonText {
  /**
   * What a message shows of one value at most: TensorFlow Serving would send the whole request
   * back.
   */
  private static final int MAX_LENGTH = 1024;

  private final JsonReader reader;
  private final ByteBuilder out = new ByteBuilder(256);
  private final JsonWriter writer = new JsonWriter(out);
  private final ByteBuilder string = new ByteBuilder(64);

  private JsonText(JsonReader reader) {
    this.reader = reader;
  }

  /** The value of the reader's text that begins at {@code from}; long ones are cut. */
  public static String pretty(JsonReader source, int from) {
    JsonReader reader = new JsonReader();
    reader.reset(source.text(), from, source.end());
    JsonText printer = new JsonText(reader);
    printer.value(0);
    String text = printer.out.toString();
    return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
  }

  public static String of(JsonNumber number) {
    JsonText printer = new JsonText(new JsonReader());
    printer.number(number);
    return printer.out.toString();
  }

  private void value(int level) {
    if (out.size() > MAX_LENGTH) {
      reader.skipValue();
      return;
    }
    JsonKind kind = reader.peek();
    switch (kind) {
      case NULL, TRUE, FALSE -> {
        reader.literal(kind);
        out.ascii(kind == JsonKind.NULL ? "null" : kind == JsonKind.TRUE ? "true" : "false");
      }
      case NUMBER -> number(reader.number());
      case STRING -> {
        reader.string(string.clear(64));
        writer.string(string.array(), 0, string.size());
      }
      case ARRAY ->
          container(level, '[', ']', reader.beginArray(), reader::nextElement, this::value);
      case OBJECT ->
          container(level, '{', '}', reader.beginObject(), reader::nextMember, this::member);
    }
  }

  private void member(int level) {
    reader.name(string.clear(64));
    writer.string(string.array(), 0, string.size());
    out.ascii(": ");
    value(level);
  }

  private void container(
      int level,
      char open,
      char close,
      boolean hasContent,
      BooleanSupplier next,
      IntConsumer item) {
    out.put(open);
    if (hasContent) {
      boolean more = true;
      for (int i = 0; more; i++) {
        if (i > 0) {
          out.put(',');
        }
        newLine(level + 1);
        item.accept(level + 1);
        more = next.getAsBoolean();
      }
      newLine(level);
    }
    out.put(close);
  }

  private void newLine(int level) {
    out.put('\n');
    for (int i = 0; i < level; i++) {
      out.ascii("    ");
    }
  }

  private void number(JsonNumber number) {
    if (number.isLong()) {
      writer.number(number.longValue());
    } else if (number.isUnsignedLong()) {
      writer.unsigned(number.longValue());
    } else {
      writer.number(number.doubleValue());
    }
  }
}
