package dev.mlp.inference.http;

import dev.mlp.inference.model.Model;
import dev.mlp.inference.model.Models;
import dev.mlp.inference.predict.PredictCall;
import dev.mlp.inference.predict.PredictCall.BodyForm;
import dev.mlp.inference.tensorflow.StatusCode;
import dev.mlp.inference.tensorflow.StatusException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** SageMaker's {@code POST /invocations}, as its TensorFlow Serving container answers it. */
final class InvocationsApi {
  private static final String JSON_LINES = "application/jsonlines";

  private final ModelSlot slot;

  InvocationsApi(ModelSlot slot) {
    this.slot = slot;
  }

  /** What a request asks for, known from its headers alone. */
  record Invocation(Model model, BodyForm form, String answerType, boolean newLines) {}

  /**
   * @throws StatusException if the model or the method is not there
   * @throws UnsupportedMediaType if the content type is none that is read
   */
  Invocation prepare(HttpServerRequest request) {
    BodyForm form = form(request.getHeader(HttpHeaders.CONTENT_TYPE));
    CustomAttributes attributes = CustomAttributes.of(request.getHeader(CustomAttributes.HEADER));
    String accepted = acceptedType(request.getHeader(HttpHeaders.ACCEPT));
    return new Invocation(
        model(attributes), form, accepted.isEmpty() ? Answer.JSON : accepted, accepted.isEmpty());
  }

  Answer answer(Invocation invocation, byte[] body) {
    return Answer.json(
        PredictCall.onThisThread()
            .invoke(invocation.model, body, invocation.form, invocation.newLines),
        invocation.answerType);
  }

  private Model model(CustomAttributes attributes) {
    requirePredict(attributes.method());
    Models models = slot.get();
    OptionalLong version = OptionalLong.empty();
    if (!attributes.version().isEmpty()) {
      if (!attributes.version().chars().allMatch(c -> c >= '0' && c <= '9')) {
        throw StatusException.invalidArgument("invalid tfs-model-version");
      }
      version = OptionalLong.of(ServingPath.version(attributes.version()));
    }
    if (!attributes.model().isEmpty()) {
      return models.find(attributes.model(), version);
    }
    Model model = models.defaultModel();
    return version.isEmpty() ? model : models.find(model.name(), version);
  }

  /** TensorFlow Serving's two other methods take tf.Examples, which this server does not build. */
  static void requirePredict(String method) {
    switch (method) {
      case "predict" -> {}
      case "classify", "regress" ->
          throw new StatusException(
              StatusCode.UNIMPLEMENTED,
              "Method " + method + " is not supported by this server; use predict.");
      default -> throw StatusException.invalidArgument("invalid tfs-method");
    }
  }

  private static BodyForm form(@Nullable String header) {
    if (Answer.JSON.equals(header)) {
      return BodyForm.JSON;
    }
    String type = header == null ? "" : header.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return switch (type) {
      case Answer.JSON, JSON_LINES, "application/jsons" -> BodyForm.JSON;
      case "text/csv" -> BodyForm.CSV;
      default -> throw new UnsupportedMediaType(type);
    };
  }

  /**
   * The first of the two types that were asked for; empty: neither, so the answer is JSON with line
   * breaks.
   */
  private static String acceptedType(@Nullable String accept) {
    if (accept == null) {
      return "";
    }
    List<String> types =
        Arrays.stream(accept.split(","))
            .map(type -> type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
            .toList();
    return types.stream()
        .filter(type -> type.equals(JSON_LINES) || type.equals(Answer.JSON))
        .findFirst()
        .orElse("");
  }
}
