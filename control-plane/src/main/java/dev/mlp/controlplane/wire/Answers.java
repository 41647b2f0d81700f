package dev.mlp.controlplane.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.SdkPojo;

/** Answers and errors in the form of each protocol. */
public final class Answers {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String AMZ_JSON = "application/x-amz-json-1.1";

  private Answers() {}

  /** An operation's answer. An answer without members is an empty body, as SageMaker sends it. */
  public static Answer of(Service service, String operation, SdkPojo value, String requestId) {
    return switch (service.protocol()) {
      case QUERY ->
          new Answer(
              200,
              type("text/xml"),
              Buffer.buffer(QueryXml.answer(service, operation, value, requestId)));
      case JSON ->
          new Answer(
              200,
              type(AMZ_JSON),
              value.sdkFields().isEmpty()
                  ? Buffer.buffer()
                  : Buffer.buffer(WireCodec.bytes(value)));
      case REST_JSON ->
          new Answer(200, type("application/json"), Buffer.buffer(WireCodec.bytes(value)));
    };
  }

  /**
   * An error.
   *
   * @param service that was asked; empty where not even that is known
   */
  public static Answer error(Optional<Service> service, ApiException error, String requestId) {
    return switch (service.map(Service::protocol).orElse(Service.Protocol.JSON)) {
      case QUERY ->
          new Answer(
              error.code().status(),
              type("text/xml"),
              Buffer.buffer(QueryXml.error(service.orElseThrow(), error, requestId)));
      case JSON ->
          // The body's __type is what botocore reads; Java reads either.
          new Answer(
              error.code().status(),
              type(AMZ_JSON),
              json("__type", error.code().wireName(), "message", error));
      case REST_JSON ->
          new Answer(
              error.code().status(),
              Map.of(
                  "Content-Type", "application/json", "x-amzn-ErrorType", error.code().wireName()),
              json("", "", "Message", error));
    };
  }

  private static Buffer json(String typeName, String type, String messageName, ApiException error) {
    Map<String, Object> members = new LinkedHashMap<>();
    if (!typeName.isEmpty()) {
      members.put(typeName, type);
    }
    members.put(messageName, error.message());
    members.putAll(error.members());
    try {
      return Buffer.buffer(JSON.writeValueAsBytes(members));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // strings and numbers can always be written
    }
  }

  private static Map<String, String> type(String contentType) {
    return Map.of("Content-Type", contentType);
  }
}
