package dev.mlp.controlplane.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallLocation;
import software.amazon.awssdk.core.protocol.MarshallingKnownType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.traits.TimestampFormatTrait;
import software.amazon.awssdk.utils.builder.Buildable;

/**
 * One pass over one body. The parser's own context is the path, so it costs nothing until asked.
 */
final class WireReader {
  private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000);

  private final JsonParser in;
  // The depths that are maps just now: their keys are the client's own and keep their case.
  private final BitSet maps = new BitSet();
  private final List<WireCodec.UnknownMember> unknown;

  WireReader(JsonParser in, List<WireCodec.UnknownMember> unknown) {
    this.in = in;
    this.unknown = unknown;
  }

  /** Fills the builder from the whole input. */
  void read(SdkPojo builder) throws IOException {
    if (in.nextToken() == null) {
      throw serialization("The body is empty: expected a JSON object");
    }
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw serialization("The body is " + found() + ": expected a JSON object");
    }
    members(builder);
    if (in.nextToken() != null) {
      throw serialization("The body goes on after its JSON object");
    }
  }

  private void members(SdkPojo builder) throws IOException {
    Map<String, SdkField<?>> fields = builder.sdkFieldNameToField();
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      SdkField<?> field = fields.get(name);
      JsonToken token = in.nextToken();
      if (field == null || field.location() != MarshallLocation.PAYLOAD) {
        unknown.add(new WireCodec.UnknownMember(path(), NearestName.to(name, fields.keySet())));
        in.skipChildren();
      } else if (token != JsonToken.VALUE_NULL) { // null says the same as absent
        field.set(builder, value(field));
      }
    }
  }

  /** The value at the current token; null only for a null inside a list or a map. */
  private @Nullable Object value(SdkField<?> field) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    MarshallingKnownType type = field.marshallingType().getKnownType();
    return switch (type) {
      case STRING -> {
        expect(JsonToken.VALUE_STRING, "a string");
        yield in.getText();
      }
      case BOOLEAN -> {
        if (!in.currentToken().isBoolean()) {
          throw mismatch("true or false");
        }
        yield in.getBooleanValue();
      }
      case INTEGER, LONG, SHORT, BYTE -> integer(type);
      case FLOAT -> (float) decimal();
      case DOUBLE -> decimal();
      case BIG_DECIMAL -> {
        number();
        yield in.getDecimalValue();
      }
      case INSTANT -> instant(field);
      case SDK_BYTES -> bytes();
      case SDK_POJO -> {
        expect(JsonToken.START_OBJECT, "an object");
        SdkPojo builder = field.constructor().get();
        members(builder);
        yield ((Buildable) builder).build();
      }
      case LIST -> list(field);
      case MAP -> map(field);
      case DOCUMENT, NULL ->
          throw new IllegalStateException(path() + ": the codec has no " + type + " values");
    };
  }

  private List<@Nullable Object> list(SdkField<?> field) throws IOException {
    expect(JsonToken.START_ARRAY, "a list");
    SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
    List<@Nullable Object> values = new ArrayList<>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      values.add(value(member));
    }
    return values;
  }

  private Map<String, @Nullable Object> map(SdkField<?> field) throws IOException {
    expect(JsonToken.START_OBJECT, "an object");
    SdkField<?> member = field.getTrait(MapTrait.class).valueFieldInfo();
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    int depth = in.getParsingContext().getNestingDepth();
    maps.set(depth);
    for (String key = in.nextFieldName(); key != null; key = in.nextFieldName()) {
      in.nextToken();
      values.put(key, value(member));
    }
    maps.clear(depth);
    return values;
  }

  private Object integer(MarshallingKnownType type) throws IOException {
    expect(JsonToken.VALUE_NUMBER_INT, "an integer");
    try {
      return switch (type) {
        case INTEGER -> in.getIntValue();
        case SHORT -> in.getShortValue();
        case BYTE -> in.getByteValue();
        default -> in.getLongValue();
      };
    } catch (InputCoercionException _) {
      throw mismatch(
          "an integer of " + (type == MarshallingKnownType.LONG ? "64" : "32") + " bits");
    }
  }

  private double decimal() throws IOException {
    if (in.currentToken() == JsonToken.VALUE_STRING) {
      return switch (in.getText()) { // what JSON has no numbers for
        case "NaN" -> Double.NaN;
        case "Infinity" -> Double.POSITIVE_INFINITY;
        case "-Infinity" -> Double.NEGATIVE_INFINITY;
        default -> throw mismatch("a number");
      };
    }
    number();
    return in.getDoubleValue();
  }

  private Instant instant(SdkField<?> field) throws IOException {
    try {
      if (WireWriter.format(field) == TimestampFormatTrait.Format.ISO_8601) {
        expect(JsonToken.VALUE_STRING, "a time such as 2026-01-31T12:00:00Z");
        return Instant.parse(in.getText());
      }
      number();
      BigDecimal seconds = in.getDecimalValue();
      // Bounded before anything is computed: 1e999999999 must not become that many digits.
      if (seconds.precision() - seconds.scale() > 12) {
        throw mismatch("epoch seconds");
      }
      long whole = seconds.setScale(0, RoundingMode.FLOOR).longValueExact();
      BigDecimal fraction = seconds.subtract(BigDecimal.valueOf(whole)).multiply(NANOS);
      return Instant.ofEpochSecond(whole, fraction.setScale(0, RoundingMode.DOWN).longValueExact());
    } catch (DateTimeException _) {
      throw mismatch("a time");
    }
  }

  private SdkBytes bytes() throws IOException {
    expect(JsonToken.VALUE_STRING, "Base64 text");
    try {
      return SdkBytes.fromByteArrayUnsafe(Base64.getDecoder().decode(in.getText()));
    } catch (IllegalArgumentException _) {
      throw mismatch("Base64 text");
    }
  }

  private void number() throws IOException {
    if (!in.currentToken().isNumeric()) {
      throw mismatch("a number");
    }
  }

  private void expect(JsonToken token, String expectation) throws IOException {
    if (in.currentToken() != token) {
      throw mismatch(expectation);
    }
  }

  private ApiException mismatch(String expectation) throws IOException {
    return serialization(
        "Type mismatch at '" + path() + "': expected " + expectation + ", found " + found());
  }

  private String found() throws IOException {
    JsonToken token = in.currentToken();
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case VALUE_STRING -> "the string \"" + shortened(in.getText()) + "\"";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + shortened(in.getText());
      case VALUE_TRUE, VALUE_FALSE, VALUE_NULL -> token.asString();
      default -> token.name().toLowerCase(Locale.ROOT);
    };
  }

  private static String shortened(String text) {
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }

  /** Where the parser stands, in the form of AWS's messages: {@code tags.1.member.key}. */
  private String path() {
    Deque<String> steps = new ArrayDeque<>();
    for (JsonStreamContext at = in.getParsingContext(); at != null; at = at.getParent()) {
      // A container that has just been entered is named by its parent.
      if (at.inObject() && at.hasCurrentName()) {
        steps.push(
            maps.get(at.getNestingDepth())
                ? at.getCurrentName()
                : WireNames.camelCase(at.getCurrentName()));
      } else if (at.inArray() && at.hasCurrentIndex()) {
        steps.push(at.getCurrentIndex() + 1 + ".member");
      }
    }
    return String.join(".", steps);
  }

  private static ApiException serialization(String message) {
    return new ApiException(ErrorCode.SERIALIZATION, message);
  }
}
