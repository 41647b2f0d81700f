package dev.mlp.controlplane.wire;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A parsed {@code Authorization} header of Signature Version 4.
 *
 * @param date of the scope, as {@code 20260131}
 * @param service of the scope, such as {@code sagemaker}
 * @param timestamp of the request, as {@code 20260131T120000Z}
 * @param signedHeaders lower case, in the order of the header
 * @param signature 64 hexadecimal digits
 */
public record Authorization(
    String accessKeyId,
    String date,
    String region,
    String service,
    String timestamp,
    List<String> signedHeaders,
    String signature) {
  static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final Pattern TIMESTAMP = Pattern.compile("\\d{8}T\\d{6}Z");
  private static final Pattern REGION = Pattern.compile("[a-z]{2,}(-[a-z]+)+-\\d+");

  /** The scope, as it stands in the string to sign. */
  String scope() {
    return date + "/" + region + "/" + service + "/aws4_request";
  }

  /**
   * Reads the headers; nothing is verified yet.
   *
   * @throws ApiException MISSING_AUTHENTICATION_TOKEN or INCOMPLETE_SIGNATURE, in AWS's words
   */
  static Authorization parse(SignedRequest request) {
    String header = request.header("authorization");
    if (header.isBlank()) {
      throw new ApiException(
          ErrorCode.MISSING_AUTHENTICATION_TOKEN, "Missing Authentication Token");
    }
    if (!header.startsWith(ALGORITHM + " ")) {
      throw incomplete("Authorization header requires the algorithm '" + ALGORITHM + "'.", header);
    }
    Map<String, String> parameters = parameters(header.substring(ALGORITHM.length()));
    List<String> missing = new ArrayList<>(0);
    for (String name : List.of("Credential", "Signature", "SignedHeaders")) {
      if (!parameters.containsKey(name)) {
        missing.add("Authorization header requires '" + name + "' parameter.");
      }
    }
    String timestamp = request.header("x-amz-date");
    if (!TIMESTAMP.matcher(timestamp).matches()) {
      missing.add(
          timestamp.isEmpty()
              ? "Authorization header requires existence of a 'X-Amz-Date' header."
              : "Date must be in ISO-8601 'basic format'. Got '" + timestamp + "'.");
    }
    if (!missing.isEmpty()) {
      throw incomplete(String.join(" ", missing), header);
    }
    String credential = parameters.getOrDefault("Credential", "");
    String[] parts = credential.split("/", -1);
    if (parts.length != 5 || parts[0].isEmpty() || !parts[4].equals("aws4_request")) {
      throw incomplete(
          "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/aws4_request, got '"
              + credential
              + "'.",
          header);
    }
    if (!REGION.matcher(parts[2]).matches()) {
      throw new ApiException(
          ErrorCode.INVALID_SIGNATURE, "Credential should be scoped to a valid region. ");
    }
    return new Authorization(
        parts[0],
        parts[1],
        parts[2],
        parts[3],
        timestamp,
        List.of(
            parameters.getOrDefault("SignedHeaders", "").toLowerCase(Locale.ROOT).split(";", -1)),
        parameters.getOrDefault("Signature", ""));
  }

  private static Map<String, String> parameters(String text) {
    Map<String, String> parameters = new HashMap<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        parameters.put(part.substring(0, equals).strip(), part.substring(equals + 1).strip());
      }
    }
    return parameters;
  }

  private static ApiException incomplete(String what, String header) {
    // What follows the algorithm's name is the client's; its signature is not for a log.
    int space = header.indexOf(' ');
    String algorithm = space < 0 ? "" : header.substring(0, Math.min(space, 64));
    return new ApiException(ErrorCode.INCOMPLETE_SIGNATURE, what + " Authorization=" + algorithm);
  }
}
