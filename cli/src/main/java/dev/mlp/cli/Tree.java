package dev.mlp.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON and YAML as maps, lists, text, numbers, booleans and null. By the streaming parser alone:
 * loading the data binder would cost a short command a third of its time.
 */
final class Tree {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private Tree() {}

  /**
   * Reads JSON.
   *
   * @throws CommandFailure naming {@code source} and the place in it
   */
  static @Nullable Object json(String text, String source) {
    try {
      return read(JSON.createParser(text), source, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads JSON as text scalars: {@code 1.50} stays {@code "1.50"}. */
  static @Nullable Object jsonAsText(String text, String source) {
    try {
      return read(JSON.createParser(text), source, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads YAML with every scalar as it was written. */
  static @Nullable Object yamlAsText(String text, String source) {
    try {
      return read(new YAMLFactory().createParser(text), source, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes JSON, indented, without a line end. */
  static String write(@Nullable Object tree) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.setPrettyPrinter(
          new DefaultPrettyPrinter(
                  Separators.createDefaultInstance()
                      .withObjectFieldValueSpacing(Separators.Spacing.AFTER))
              .withObjectIndenter(new DefaultIndenter("  ", "\n"))
              .withArrayIndenter(new DefaultIndenter("  ", "\n")));
      write(json, tree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** The tree as indented {@code key: value} lines, for people. */
  static List<String> lines(@Nullable Object tree) {
    List<String> lines = new ArrayList<>();
    outline(lines, "", "", tree);
    return lines;
  }

  private static void outline(
      List<String> lines, String first, String indent, @Nullable Object value) {
    switch (value) {
      case Map<?, ?> map -> {
        String start = first;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          Object child = entry.getValue();
          if (child instanceof Map<?, ?> || child instanceof List<?>) {
            lines.add(start + entry.getKey() + ":");
            outline(lines, indent + "  ", indent + "  ", child);
          } else {
            lines.add(start + entry.getKey() + ": " + child);
          }
          start = indent;
        }
      }
      case List<?> list -> list.forEach(item -> outline(lines, indent + "- ", indent + "  ", item));
      case null -> lines.add(first + "null");
      default -> lines.add(first + value);
    }
  }

  private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> json.writeNull();
      case Map<?, ?> map -> {
        json.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          json.writeFieldName(String.valueOf(entry.getKey()));
          write(json, entry.getValue());
        }
        json.writeEndObject();
      }
      case List<?> list -> {
        json.writeStartArray();
        for (Object item : list) {
          write(json, item);
        }
        json.writeEndArray();
      }
      case Boolean flag -> json.writeBoolean(flag);
      case Integer number -> json.writeNumber(number);
      case Long number -> json.writeNumber(number);
      case Double number -> json.writeNumber(number);
      case Float number -> json.writeNumber(number);
      default -> json.writeString(value.toString());
    }
  }

  private static @Nullable Object read(JsonParser parser, String source, boolean asText)
      throws IOException {
    try (parser) {
      parser.enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
      if (parser.nextToken() == null) {
        throw new CommandFailure(source + " is empty");
      }
      Object value = value(parser, asText);
      if (parser.nextToken() != null) {
        throw new CommandFailure(source + " has more than one document in it");
      }
      return value;
    } catch (JsonProcessingException e) {
      String place =
          e.getLocation() == null
              ? ""
              : " at line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr();
      throw new CommandFailure(
          source + " cannot be read" + place + ": " + firstLine(e.getOriginalMessage()), e);
    }
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }

  private static @Nullable Object value(JsonParser parser, boolean asText) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          map.put(name, value(parser, asText));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser, asText));
        }
        yield list;
      }
      case VALUE_NULL -> null;
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE, VALUE_FALSE ->
          asText ? (Object) parser.getText() : (Object) parser.getBooleanValue();
      case VALUE_NUMBER_INT -> asText ? (Object) parser.getText() : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT ->
          asText ? (Object) parser.getText() : (Object) parser.getDoubleValue();
      default -> throw new IllegalStateException("token " + parser.currentToken());
    };
  }
}
