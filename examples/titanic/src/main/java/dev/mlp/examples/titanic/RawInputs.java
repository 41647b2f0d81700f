package dev.mlp.examples.titanic;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/**
 * The raw columns in a graph, and the features that become of them.
 *
 * @param inputs by column name, in order
 * @param features of shape [-1, n]
 */
record RawInputs(Map<String, Placeholder<? extends TType>> inputs, Operand<TFloat32> features) {

  static RawInputs addTo(Ops tf, List<Encoding> encodings) {
    Map<String, Placeholder<? extends TType>> inputs = new LinkedHashMap<>();
    List<Operand<TFloat32>> features = new ArrayList<>();
    Set<String> operations = new HashSet<>();
    for (Encoding encoding : encodings) {
      Encoding.Nodes nodes = encoding.addTo(tf, operationName(encoding.name(), operations));
      inputs.put(encoding.name(), nodes.input());
      features.add(nodes.features());
    }
    return new RawInputs(
        inputs, features.size() == 1 ? features.getFirst() : tf.concat(features, tf.constant(1)));
  }

  /** Encodes all rows of a data set. */
  static Examples encode(List<Encoding> encodings, Dataset data) {
    try (Graph graph = new Graph()) {
      RawInputs raw = addTo(Ops.create(graph), encodings);
      try (Session session = new Session(graph, TensorFlowRuntime.DETERMINISTIC)) {
        Session.Runner runner = session.runner();
        List<Tensor> tensors = new ArrayList<>();
        try {
          for (Feature feature : data.features()) {
            Tensor tensor =
                switch (feature) {
                  case Feature.Numeric numeric ->
                      Tensors.of(numeric.values(), numeric.values().length);
                  case Feature.Categorical categorical -> Tensors.of(categorical.values());
                };
            tensors.add(tensor);
            runner.feed(raw.inputs.get(feature.name()), tensor);
          }
          try (Result result = runner.fetch(raw.features).run()) {
            return new Examples(
                encodings.stream().mapToInt(Encoding::width).sum(),
                Tensors.floats((TFloat32) result.get(0)),
                data.labels());
          }
        } finally {
          tensors.forEach(Tensor::close);
        }
      }
    }
  }

  /** TensorFlow allows fewer characters in an operation's name than a CSV file in a column's. */
  private static String operationName(String column, Set<String> taken) {
    String name = "input_" + column.replaceAll("[^A-Za-z0-9_.]", "_");
    String free = name;
    for (int i = 2; !taken.add(free); i++) {
      free = name + "_" + i;
    }
    return free;
  }
}
