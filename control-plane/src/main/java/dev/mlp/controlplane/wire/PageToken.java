package dev.mlp.controlplane.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Where the next page of a list begins: behind the row at this position. It names the last row that
 * was shown (its sort key, then its name), never an offset, so it outlives restarts and new rows.
 *
 * @param position as the list that made it defines
 */
public record PageToken(List<String> position) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CHECKSUM_BYTES = Integer.BYTES;

  public PageToken {
    position = List.copyOf(position);
  }

  /** Text for a URL or a member: letters, digits, {@code -} and {@code _}. */
  public String encode() {
    byte[] body;
    try {
      body = JSON.writeValueAsBytes(position);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // strings can always be written
    }
    byte[] token =
        ByteBuffer.allocate(CHECKSUM_BYTES + body.length).putInt(checksum(body)).put(body).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }

  /**
   * Reads what {@link #encode} gave. The checksum tells a damaged token, not a forged one: a token
   * says where to go on, and everything it leads to is looked up as the caller anyway.
   *
   * @throws ApiException VALIDATION when it is not one of ours
   */
  public static PageToken decode(String token) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(token));
      if (bytes.remaining() > CHECKSUM_BYTES) {
        int checksum = bytes.getInt();
        byte[] body = new byte[bytes.remaining()];
        bytes.get(body);
        if (checksum(body) == checksum) {
          String[] position =
              JSON.readValue(new String(body, StandardCharsets.UTF_8), String[].class);
          return new PageToken(List.of(position));
        }
      }
    } catch (IllegalArgumentException | JsonProcessingException | NullPointerException _) {
      // Whatever it was, it was not ours.
    }
    throw ApiException.validation(
        "Invalid NextToken: expected the token of the answer before, with the same parameters.");
  }

  private static int checksum(byte[] body) {
    CRC32C crc = new CRC32C();
    crc.update(body);
    return (int) crc.getValue();
  }
}
