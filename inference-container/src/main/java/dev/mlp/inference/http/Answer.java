package dev.mlp.inference.http;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.json.JsonWriter;
import dev.mlp.inference.tensorflow.StatusException;
import io.vertx.core.buffer.Buffer;

/**
 * What goes back to the client.
 *
 * @param contentType empty: there is no body
 */
record Answer(int status, String contentType, Buffer body) {
  static final String JSON = "application/json";

  static Answer empty(int status) {
    return new Answer(status, "", Buffer.buffer());
  }

  static Answer json(ByteBuilder body) {
    return json(body, JSON);
  }

  static Answer json(ByteBuilder body, String contentType) {
    return new Answer(
        200, contentType, Buffer.buffer(body.size()).appendBytes(body.array(), 0, body.size()));
  }

  /** TensorFlow Serving's form of an error. */
  static Answer error(int status, String message) {
    ByteBuilder body = new ByteBuilder(message.length() + 32);
    body.ascii("{\n    \"error\": ");
    new JsonWriter(body).string(message);
    body.ascii("\n}");
    return new Answer(status, JSON, Buffer.buffer(body.toByteArray()));
  }

  static Answer error(StatusException e) {
    String message = e.getMessage();
    return error(e.code().httpStatus(), message == null ? e.code().name() : message);
  }
}
