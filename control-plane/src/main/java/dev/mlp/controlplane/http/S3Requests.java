package dev.mlp.controlplane.http;

import io.vertx.core.http.HttpServerRequest;

/** Which requests are S3's, and S3's own form of errors. */
final class S3Requests {
  private static final String SCOPE = "/s3/aws4_request";

  private S3Requests() {}

  /** Signed for S3: in the header or the query, with Signature Version 4 or 2. */
  static boolean signed(HttpServerRequest request) {
    String authorization = request.getHeader("Authorization");
    if (authorization != null) {
      return authorization.contains(SCOPE) || authorization.startsWith("AWS ");
    }
    String query = request.query();
    return query != null
        && (query.contains("AWSAccessKeyId=")
            || (query.contains("X-Amz-Credential=")
                && (query.contains("%2Fs3%2Faws4_request") || query.contains(SCOPE))));
  }

  static void error(
      HttpServerRequest request, int status, String code, String message, String requestId) {
    if (request.response().headWritten() || request.response().closed()) {
      request.response().reset();
      return;
    }
    request
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/xml")
        .putHeader("x-amz-request-id", requestId)
        .end(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>%s</Code><Message>%s</Message><RequestId>%s</RequestId></Error>
            """
                .formatted(code, message, requestId));
  }
}
