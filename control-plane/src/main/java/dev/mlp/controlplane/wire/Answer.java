package dev.mlp.controlplane.wire;

import io.vertx.core.buffer.Buffer;
import java.util.Map;

/**
 * An answer as it leaves the server.
 *
 * @param headers without the request id and the length
 */
public record Answer(int status, Map<String, String> headers, Buffer body) {
  public Answer {
    headers = Map.copyOf(headers);
  }
}
