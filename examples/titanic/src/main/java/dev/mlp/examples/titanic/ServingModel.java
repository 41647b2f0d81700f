package dev.mlp.examples.titanic;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * What goes to the endpoint: raw columns in, one value per row each; {@code probability} (float,
 * [-1]) and {@code survived} (int64, [-1]: 1 from the threshold on, else 0) out.
 *
 * @param threshold of the probability
 */
record ServingModel(List<Encoding> encodings, Weights weights, float threshold) {

  ServingModel {
    encodings = List.copyOf(encodings);
  }

  /**
   * Writes a SavedModel. Its graph is built anew, so that nothing of the training is in it.
   *
   * @param directory is created; {@code saved_model.pb} will lie in it
   */
  void export(Path directory) throws IOException {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      RawInputs raw = RawInputs.addTo(tf, encodings);
      Operand<TFloat32> probability = Network.addTo(tf, weights).probabilities(tf, raw.features());
      Operand<TInt64> survived =
          tf.dtypes.cast(tf.math.greaterEqual(probability, tf.constant(threshold)), TInt64.class);
      Signature.Builder signature =
          Signature.builder()
              .key("serving_default")
              .methodName("tensorflow/serving/predict")
              .output("probability", probability)
              .output("survived", survived);
      raw.inputs().forEach(signature::input);
      try (Session session = new Session(graph, TensorFlowRuntime.DETERMINISTIC)) {
        session.initialize();
        SavedModelBundle.exporter(directory.toString())
            .withSession(session)
            .withSignature(signature.build())
            .export();
      }
    }
    normalise(directory.resolve("saved_model.pb"));
  }

  /**
   * Writes the model's description anew, with its maps in order: the same training gives the same
   * file. Also says which version of the format it is, which the exporter leaves out.
   */
  private static void normalise(Path file) throws IOException {
    SavedModel model =
        SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder()
            .setSavedModelSchemaVersion(1)
            .build();
    try (OutputStream out = Files.newOutputStream(file)) {
      CodedOutputStream coded = CodedOutputStream.newInstance(out);
      coded.useDeterministicSerialization();
      model.writeTo(coded);
      coded.flush();
    }
  }
}
