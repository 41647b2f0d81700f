package dev.mlp.controlplane.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.utils.builder.SdkBuilder;

/**
 * JSON of the AWS JSON protocols from and to the AWS SDK's own model classes, which describe
 * themselves. Timestamps are epoch seconds with a fraction; the text of an enum that the SDK does
 * not know is kept ({@code …AsString()}); absent members stay absent.
 */
public final class WireCodec {
  private static final JsonFactory JSON = new JsonFactory();

  private WireCodec() {}

  /**
   * What a request's body says.
   *
   * @param unknown the members that the model does not have; they were skipped
   */
  public record Decoded<T>(T value, List<UnknownMember> unknown) {
    public Decoded {
      unknown = List.copyOf(unknown);
    }
  }

  /**
   * A member that the model does not have.
   *
   * @param path such as {@code resourceConfig.instanceKount} or {@code
   *     inputDataConfig.2.member.uri}
   * @param meant the member that may have been meant
   */
  public record UnknownMember(String path, Optional<String> meant) {}

  /** The wire form, for storing. */
  public static String write(SdkPojo value) {
    StringWriter text = new StringWriter(512);
    try (JsonGenerator out = JSON.createGenerator(text)) {
      WireWriter.write(out, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return text.toString();
  }

  /** The wire form in UTF-8, for answering. */
  public static byte[] bytes(SdkPojo value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      WireWriter.write(out, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads what {@link #write} wrote; members that this version does not know are left out.
   *
   * @param builder such as {@code CreateTrainingJobRequest::builder}
   * @throws ApiException SERIALIZATION when the text is not the JSON of such a value
   */
  public static <T> T read(String json, Supplier<? extends SdkBuilder<?, T>> builder) {
    try (JsonParser in = JSON.createParser(json)) {
      return decode(in, builder).value();
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /**
   * Reads a request's body.
   *
   * @param json UTF-8
   * @throws ApiException SERIALIZATION when the body is no JSON, or when a member has another type
   *     than the model says: the message names the path, what was expected, and what was found
   */
  public static <T> Decoded<T> decode(byte[] json, Supplier<? extends SdkBuilder<?, T>> builder) {
    try (JsonParser in = JSON.createParser(json)) {
      return decode(in, builder);
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  private static <T> Decoded<T> decode(JsonParser in, Supplier<? extends SdkBuilder<?, T>> builder)
      throws IOException {
    List<UnknownMember> unknown = new ArrayList<>(0);
    SdkBuilder<?, T> value = builder.get();
    new WireReader(in, unknown).read((SdkPojo) value);
    return new Decoded<>(value.build(), unknown);
  }

  private static ApiException malformed(IOException e) {
    String what = "it ends too early";
    if (e instanceof JsonProcessingException json) {
      what = json.getOriginalMessage();
      int inside = what.indexOf(" (start marker at"); // the parser on its own source
      what = inside < 0 ? what : what.substring(0, inside);
      if (json.getLocation() != null) {
        what +=
            " (line %d, column %d)"
                .formatted(json.getLocation().getLineNr(), json.getLocation().getColumnNr());
      }
    }
    return new ApiException(
        ErrorCode.SERIALIZATION, "The body is not well-formed JSON: " + what, Map.of(), e);
  }
}
