package dev.mlp.controlplane.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallLocation;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.core.traits.TimestampFormatTrait;
import software.amazon.awssdk.core.traits.TraitType;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;

/** Writes what a model class says of itself. */
final class WireWriter {
  private WireWriter() {}

  static void write(JsonGenerator out, SdkPojo value) throws IOException {
    out.writeStartObject();
    for (SdkField<?> field : value.sdkFields()) {
      if (field.location() != MarshallLocation.PAYLOAD) {
        continue;
      }
      Object member = field.getValueOrDefault(value);
      // The SDK has empty collections of its own where nothing was given.
      if (member != null
          && !(member instanceof SdkAutoConstructList)
          && !(member instanceof SdkAutoConstructMap)) {
        out.writeFieldName(field.locationName());
        value(out, field, member);
      }
    }
    out.writeEndObject();
  }

  private static void value(JsonGenerator out, SdkField<?> field, @Nullable Object value)
      throws IOException {
    switch (value) {
      case null -> out.writeNull();
      case String text -> out.writeString(text);
      case Boolean bool -> out.writeBoolean(bool);
      case Integer number -> out.writeNumber(number);
      case Long number -> out.writeNumber(number);
      case Short number -> out.writeNumber(number);
      case Byte number -> out.writeNumber(number);
      case Float number when !Float.isFinite(number) -> out.writeString(number.toString());
      case Float number -> out.writeNumber(number);
      case Double number when !Double.isFinite(number) -> out.writeString(number.toString());
      case Double number -> out.writeNumber(number);
      case BigDecimal number -> out.writeNumber(number);
      case Instant time -> instant(out, field, time);
      case SdkBytes bytes -> out.writeBinary(bytes.asByteArrayUnsafe());
      case SdkPojo pojo -> write(out, pojo);
      case List<?> list -> {
        SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
        out.writeStartArray();
        for (Object element : list) {
          value(out, member, element);
        }
        out.writeEndArray();
      }
      case Map<?, ?> map -> {
        SdkField<?> member = field.getTrait(MapTrait.class).valueFieldInfo();
        out.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.writeFieldName(String.valueOf(entry.getKey()));
          value(out, member, entry.getValue());
        }
        out.writeEndObject();
      }
      default ->
          throw new IllegalStateException(
              field.locationName() + ": the codec has no values of " + value.getClass());
    }
  }

  /** Epoch seconds; milliseconds are what AWS gives, finer parts only where there are any. */
  private static void instant(JsonGenerator out, SdkField<?> field, Instant time)
      throws IOException {
    if (format(field) == TimestampFormatTrait.Format.ISO_8601) {
      out.writeString(time.toString());
      return;
    }
    BigDecimal seconds =
        BigDecimal.valueOf(time.getEpochSecond()).add(BigDecimal.valueOf(time.getNano(), 9));
    BigDecimal exact = seconds.stripTrailingZeros();
    out.writeNumber(
        (exact.scale() < 3 ? seconds.setScale(3, RoundingMode.UNNECESSARY) : exact)
            .toPlainString());
  }

  static TimestampFormatTrait.Format format(SdkField<?> field) {
    TimestampFormatTrait trait =
        field.getTrait(TimestampFormatTrait.class, TraitType.TIMESTAMP_FORMAT_TRAIT);
    return trait == null ? TimestampFormatTrait.Format.UNIX_TIMESTAMP : trait.format();
  }
}
