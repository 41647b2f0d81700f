package dev.mlp.training.job;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The texts of the hyperparameters. Jackson's streaming parser alone reads them: binding would cost
 * a short job more time than its first epoch.
 */
final class Hyperparameters {

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // Python writes NaN and Infinity bare
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private Hyperparameters() {}

  /**
   * A JSON object as texts: strings without their quotes, numbers and booleans as written, null as
   * an empty text, anything nested as JSON.
   *
   * @param source where the object stands, for the error
   * @throws TrainingFailure if it is not a JSON object
   */
  static Map<String, String> parse(String json, String source) {
    Map<String, String> values = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw notAnObject(source, json, null);
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        parser.nextToken();
        values.put(key, text(parser));
      }
      if (parser.nextToken() != null) {
        throw notAnObject(source, json, null);
      }
    } catch (IOException e) {
      throw notAnObject(source, json, e);
    }
    return Collections.unmodifiableMap(values);
  }

  /**
   * The hyperparameters of {@code input/config/hyperparameters.json}: there every value is a
   * string, and SDKs put JSON into it, so a value that is a quoted JSON string loses its quotes.
   */
  static Map<String, String> parseConfiguration(String json, String source) {
    Map<String, String> values = new LinkedHashMap<>();
    parse(json, source).forEach((key, value) -> values.put(key, unquoted(value)));
    return Collections.unmodifiableMap(values);
  }

  /** A JSON array of strings. */
  static List<String> parseNames(String json, String source) {
    List<String> names = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw notNames(source, json, null);
      }
      while (parser.nextToken() == JsonToken.VALUE_STRING) {
        names.add(parser.getText());
      }
      if (parser.currentToken() != JsonToken.END_ARRAY) {
        throw notNames(source, json, null);
      }
    } catch (IOException e) {
      throw notNames(source, json, e);
    }
    return List.copyOf(names);
  }

  private static String text(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_NULL -> "";
      case START_OBJECT, START_ARRAY -> {
        StringWriter out = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(out)) {
          generator.copyCurrentStructure(parser);
        }
        yield out.toString();
      }
      default -> parser.getText();
    };
  }

  private static String unquoted(String value) {
    if (!value.startsWith("\"")) {
      return value;
    }
    try (JsonParser parser = JSON.createParser(value)) {
      parser.nextToken();
      String text = parser.getText();
      return parser.nextToken() == null ? text : value;
    } catch (IOException e) {
      return value; // a text that happens to begin with a quote
    }
  }

  private static TrainingFailure notAnObject(
      String source, String json, @Nullable Throwable cause) {
    return new TrainingFailure(source + " is " + json + ": expected a JSON object", cause);
  }

  private static TrainingFailure notNames(String source, String json, @Nullable Throwable cause) {
    return new TrainingFailure(source + " is " + json + ": expected a JSON list of strings", cause);
  }
}
