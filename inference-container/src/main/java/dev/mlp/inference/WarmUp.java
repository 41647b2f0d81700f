package dev.mlp.inference;

import dev.mlp.inference.http.SelfRequest;
import dev.mlp.inference.model.Model;
import dev.mlp.inference.predict.PredictCall;
import dev.mlp.inference.tensorflow.Signature;
import dev.mlp.inference.tensorflow.StatusException;
import dev.mlp.inference.tensorflow.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs every model, and the path to it, before the first client does. A failure here harms nobody.
 */
final class WarmUp {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  /** Enough to load every class and to know how long a run takes. */
  private static final int REQUESTS = 10;

  private static final byte[] NOTHING = "{}".getBytes(StandardCharsets.US_ASCII);

  private WarmUp() {}

  static void run(List<Model> models, SelfRequest self) {
    try {
      self.get("/ping");
      for (Model model : models) {
        Optional<byte[]> sample = sampleBody(model);
        String path = "/v1/models/" + model.name() + "/versions/" + model.version() + ":predict";
        // Without a sample, a request that is refused still walks most of the path.
        for (int i = 0; i < (sample.isPresent() ? REQUESTS : 1); i++) {
          self.postJson(path, sample.orElse(NOTHING));
        }
      }
    } catch (IOException e) {
      LOG.info("The warm-up over HTTP was cut short", e);
    }
  }

  /** A request that the model answers; empty where none is known. */
  private static Optional<byte[]> sampleBody(Model model) {
    try {
      Optional<List<Tensor>> inputs = model.sampleInputs();
      if (inputs.isEmpty()) {
        return Optional.empty();
      }
      Signature signature = model.signature(Signature.DEFAULT_NAME).orElseThrow();
      model.predict(signature, inputs.get());
      return Optional.of(PredictCall.columnarRequest(signature, inputs.get()));
    } catch (StatusException e) {
      // Zeros need not be valid input: a model that refuses them is not broken.
      LOG.info("The warm-up of {} was refused: {}", model, e.getMessage());
      return Optional.empty();
    }
  }
}
