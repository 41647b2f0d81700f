package dev.mlp.examples.titanic;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/**
 * Names: a feature for each, 1 for the row's own and 0 for the others, found by comparing with all
 * of them (a lookup table would need an initialiser that the export does not carry). An unknown
 * name, or one too rare to learn from, has none. A missing one is the empty name, with a feature
 * where the training rows have it.
 *
 * @param categories sorted, at least one
 */
record CategoricalEncoding(String name, List<String> categories) implements Encoding {

  CategoricalEncoding {
    categories = List.copyOf(categories);
  }

  static CategoricalEncoding fit(Feature.Categorical feature, int[] rows) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int row : rows) {
      counts.merge(feature.values().get(row), 1, Integer::sum);
    }
    List<String> common =
        counts.entrySet().stream()
            .filter(category -> category.getValue() >= FEWEST_ROWS)
            .map(Map.Entry::getKey)
            .toList();
    return new CategoricalEncoding(
        feature.name(), common.isEmpty() ? List.copyOf(counts.keySet()) : common);
  }

  @Override
  public int width() {
    return categories.size();
  }

  @Override
  public Nodes addTo(Ops tf, String operationName) {
    Placeholder<TString> input = Encoding.input(tf, operationName, TString.class);
    Operand<TString> column = tf.expandDims(tf.strings.strip(input), tf.constant(1));
    Operand<TString> known = tf.constant(StandardCharsets.UTF_8, categories.toArray(String[]::new));
    return new Nodes(input, tf.dtypes.cast(tf.math.equal(column, known), TFloat32.class));
  }
}
