package dev.mlp.inference.predict;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.json.JsonSyntaxException;
import dev.mlp.inference.model.Model;
import dev.mlp.inference.tensorflow.Signature;
import dev.mlp.inference.tensorflow.StatusException;
import dev.mlp.inference.tensorflow.Tensor;
import java.util.List;

/**
 * The path of a prediction: JSON in, tensors, the model, JSON out. Keeps the memory it works in, so
 * each thread has its own; {@link #onThisThread} gives it.
 */
public final class PredictCall {
  /** What is kept of the answer's memory between requests. */
  private static final int KEPT_BYTES = 1 << 18;

  private static final ThreadLocal<PredictCall> CALLS = ThreadLocal.withInitial(PredictCall::new);

  private final InvocationBody invocations = new InvocationBody();
  private final PredictRequestReader reader = new PredictRequestReader();
  private final ByteBuilder answer = new ByteBuilder(1024);
  private final PredictResponseWriter writer = new PredictResponseWriter(answer);

  private PredictCall() {}

  public static PredictCall onThisThread() {
    return CALLS.get();
  }

  /** A request in columns that asks for what these inputs give: one per input, in order. */
  public static byte[] columnarRequest(Signature signature, List<Tensor> inputs) {
    ByteBuilder body = new ByteBuilder(1024);
    new PredictResponseWriter(body).writeRequest(signature.inputs(), inputs);
    return body.toByteArray();
  }

  /** The forms of a body that SageMaker's TensorFlow Serving container takes. */
  public enum BodyForm {
    /** TensorFlow Serving's JSON, other JSON, JSON Lines. */
    JSON,
    CSV
  }

  /** Answers one SageMaker invocation; otherwise like {@link #predict}. */
  public ByteBuilder invoke(Model model, byte[] body, BodyForm form, boolean withNewLines) {
    byte[] json =
        switch (form) {
          case JSON -> invocations.ofJson(body);
          case CSV -> invocations.ofCsv(body);
        };
    return predict(model, json, withNewLines);
  }

  /**
   * Answers one request in TensorFlow Serving's JSON.
   *
   * @param withNewLines whether the answer has TensorFlow Serving's line breaks
   * @return the answer, to be used before the next call on this thread
   * @throws StatusException if the request is refused, or the model fails
   */
  public ByteBuilder predict(Model model, byte[] body, boolean withNewLines) {
    try {
      PredictRequest request = reader.read(body, 0, body.length, model::signature);
      List<Tensor> outputs = model.predict(request.signature(), request.inputs());
      answer.clear(KEPT_BYTES);
      writer.write(request.format(), request.signature(), outputs, withNewLines);
      return answer;
    } catch (JsonSyntaxException e) {
      throw StatusException.invalidArgument(e.describe());
    }
  }
}
