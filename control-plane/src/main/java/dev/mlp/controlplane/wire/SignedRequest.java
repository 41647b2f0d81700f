package dev.mlp.controlplane.wire;

import java.util.List;
import java.util.function.Function;

/**
 * What a signature covers, but for the body.
 *
 * @param path as it stands in the request line, still encoded
 * @param query as it stands there, without the question mark; empty where there is none
 * @param headers all values of a header by its name in any case; empty where it is absent
 */
public record SignedRequest(
    String method, String path, String query, Function<String, List<String>> headers) {
  /** The values of a header as one, the way signatures see them. */
  String header(String name) {
    return String.join(",", headers.apply(name));
  }
}
