package dev.mlp.inference.predict;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.json.JsonSyntaxException;
import dev.mlp.inference.model.Model;
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

  private final PredictRequestReader reader = new PredictRequestReader();
  private final ByteBuilder answer = new ByteBuilder(1024);
  private final PredictResponseWriter writer = new PredictResponseWriter(answer);

  private PredictCall() {}

  public static PredictCall onThisThread() {
    return CALLS.get();
  }

  /**
   * Answers one request in TensorFlow Serving's JSON.
   *
   * @param withNewLines whether the answer has TensorFlow Serving's line breaks
   * @return the answer, to be used before the next call on this thread
   * @throws StatusException if the request is refused, or the model fails
   */
  public ByteBuilder predict(Model model, byte[] body, int from, int to, boolean withNewLines) {
    try {
      PredictRequest request = reader.read(body, from, to, model::signature);
      List<Tensor> outputs = model.predict(request.signature(), request.inputs());
      answer.clear(KEPT_BYTES);
      writer.write(request.format(), request.signature(), outputs, withNewLines);
      return answer;
    } catch (JsonSyntaxException e) {
      throw StatusException.invalidArgument(e.describe());
    }
  }
}
