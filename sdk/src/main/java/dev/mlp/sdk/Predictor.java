package dev.mlp.sdk;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sagemakerruntime.model.InvokeEndpointRequest;
import software.amazon.awssdk.services.sagemakerruntime.model.InvokeEndpointResponse;
import software.amazon.awssdk.services.sagemakerruntime.model.ModelErrorException;
import software.amazon.awssdk.services.sagemakerruntime.model.SageMakerRuntimeException;

/** Asks an endpoint for predictions. Safe for use by several threads. */
public final class Predictor {
  /** The content type of JSON. */
  public static final String JSON = "application/json";

  private static final int BAD_REQUESTS = 400;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERRORS = 500;

  private final Session session;
  private final String endpointName;

  /** A predictor of an endpoint that exists. */
  public Predictor(Session session, String endpointName) {
    this.session = session;
    this.endpointName = endpointName;
  }

  /** The endpoint's name. */
  public String endpointName() {
    return endpointName;
  }

  /**
   * Sends a value as JSON, {@code {"instances": […]}} for instance, and reads the answer as JSON. A
   * missing number may be {@code Double.NaN}.
   *
   * @throws PredictionException if there is no answer
   */
  public JsonNode predict(Object request) {
    return read(request, JsonNode.class);
  }

  /** Like {@link #predict(Object)}; the answer is read as a type of the caller's. */
  public <T> T predict(Object request, Class<T> answerType) {
    return read(request, answerType);
  }

  /** Sends bytes as they are and gives the answer as it is. */
  public Prediction predict(byte[] body, String contentType) {
    return predict(body, contentType, null);
  }

  /** Like {@link #predict(byte[], String)}; asks for an answer of the type {@code accept}. */
  public Prediction predict(byte[] body, String contentType, @Nullable String accept) {
    InvokeEndpointRequest.Builder request =
        InvokeEndpointRequest.builder()
            .endpointName(endpointName)
            .contentType(contentType)
            .body(SdkBytes.fromByteArrayUnsafe(body));
    if (accept != null) {
      request.accept(accept);
    }
    try {
      InvokeEndpointResponse answer = session.runtime().invokeEndpoint(request.build());
      return new Prediction(
          answer.body().asByteArrayUnsafe(),
          Optional.ofNullable(answer.contentType()).orElse("application/octet-stream"),
          Optional.ofNullable(answer.invokedProductionVariant()).orElse(""));
    } catch (SageMakerRuntimeException e) {
      throw typed(e);
    }
  }

  /** Deletes the endpoint, its configuration and its models; returns when the endpoint is gone. */
  public Endpoint.Removed deleteEndpoint() {
    return new Endpoint(session, endpointName).delete(Endpoint.Models.DELETE);
  }

  private <T> T read(Object request, Class<T> answerType) {
    byte[] body;
    try {
      body = Json.MAPPER.writeValueAsBytes(request);
    } catch (JsonProcessingException e) {
      throw new InvalidRequestException(
          "the request cannot be written as JSON: " + e.getOriginalMessage());
    }
    Prediction answer = predict(body, JSON, JSON);
    try {
      return Json.MAPPER.readValue(answer.body(), answerType);
    } catch (IOException e) {
      throw new PredictionException.ModelFailed(
          200, "not the JSON that was expected: " + answer.text(), e);
    }
  }

  private static PredictionException typed(SageMakerRuntimeException e) {
    String message = message(e);
    if (e instanceof ModelErrorException model) {
      return new PredictionException.ModelFailed(
          Optional.ofNullable(model.originalStatusCode()).orElse(e.statusCode()),
          Optional.ofNullable(model.originalMessage()).orElse(message),
          e);
    }
    int status = e.statusCode();
    return status >= BAD_REQUESTS && status < SERVER_ERRORS && status != TOO_MANY_REQUESTS
        ? new PredictionException.Refused(message, e)
        : new PredictionException.Unavailable(message, e);
  }

  private static String message(AwsServiceException e) {
    return e.awsErrorDetails() == null || e.awsErrorDetails().errorMessage() == null
        ? String.valueOf(e.getMessage())
        : e.awsErrorDetails().errorMessage();
  }

  /**
   * Loaded with the first prediction: a program that only trains needs no mapper. NaN goes as it
   * is, as the model servers read it.
   */
  private static final class Json {
    private static final JsonMapper MAPPER =
        JsonMapper.builder()
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
  }
}
