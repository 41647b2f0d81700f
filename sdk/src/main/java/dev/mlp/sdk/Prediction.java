package dev.mlp.sdk;

import java.nio.charset.StandardCharsets;

/**
 * A model's answer.
 *
 * @param body as the container sent it
 * @param contentType of the body, as the container named it
 * @param variant the variant that answered
 */
@SuppressWarnings(
    "ArrayRecordComponent") // Bodies are megabytes and read once; nobody compares two answers.
public record Prediction(byte[] body, String contentType, String variant) {
  /** The body as UTF-8. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }
}
