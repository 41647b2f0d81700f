package dev.mlp.inference.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_GraphOperationByName;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_OperationNumOutputs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Operation;
import org.tensorflow.internal.c_api.TF_Output;

/**
 * A signature with its tensors found in the graph. Read by many threads at once, never written
 * after construction.
 */
final class BoundSignature implements AutoCloseable {
  private final Signature signature;
  private final @Nullable TF_Output feeds;
  private final @Nullable TF_Output fetches;
  private final int fetchCount;
  private final int[] fetchOfOutput;
  private final @Nullable String missingTensor;

  BoundSignature(Signature signature, TF_Graph graph) {
    this.signature = signature;
    // Two outputs may name the same tensor, and TensorFlow refuses to fetch one twice.
    Map<String, Integer> fetchOf = new HashMap<>();
    List<TensorSpec> distinct = new ArrayList<>();
    this.fetchOfOutput = new int[signature.outputs().size()];
    for (int i = 0; i < fetchOfOutput.length; i++) {
      TensorSpec output = signature.outputs().get(i);
      Integer fetch = fetchOf.putIfAbsent(output.tensorName(), distinct.size());
      fetchOfOutput[i] = fetch == null ? distinct.size() : fetch;
      if (fetch == null) {
        distinct.add(output);
      }
    }
    this.fetchCount = distinct.size();
    List<TensorSpec> all = new ArrayList<>(signature.inputs());
    all.addAll(distinct);
    // A model may carry signatures that its graph cannot run (half_plus_three does): only using one
    // is an error, loading the model is not.
    this.missingTensor =
        all.stream()
            .filter(spec -> find(graph, spec) == null)
            .map(TensorSpec::tensorName)
            .findFirst()
            .orElse(null);
    this.feeds = missingTensor == null ? bind(graph, signature.inputs()) : null;
    this.fetches = missingTensor == null ? bind(graph, distinct) : null;
  }

  private static TF_Output bind(TF_Graph graph, List<TensorSpec> specs) {
    TF_Output outputs = new TF_Output(Math.max(1, specs.size()));
    for (int i = 0; i < specs.size(); i++) {
      outputs.position(i).oper(find(graph, specs.get(i))).index(specs.get(i).outputIndex());
    }
    return outputs.position(0);
  }

  private static @Nullable TF_Operation find(TF_Graph graph, TensorSpec spec) {
    TF_Operation operation = TF_GraphOperationByName(graph, spec.operation());
    return operation == null
            || operation.isNull()
            || spec.outputIndex() >= TF_OperationNumOutputs(operation)
        ? null
        : operation;
  }

  Signature signature() {
    return signature;
  }

  void requireRunnable() {
    if (missingTensor != null) {
      throw new StatusException(
          StatusCode.INVALID_ARGUMENT,
          "Tensor "
              + missingTensor
              + ", specified in either feed_devices or fetch_devices was not found in the Graph");
    }
  }

  @Nullable TF_Output feeds() {
    return feeds;
  }

  @Nullable TF_Output fetches() {
    return fetches;
  }

  int feedCount() {
    return signature.inputs().size();
  }

  int fetchCount() {
    return fetchCount;
  }

  int fetchOfOutput(int output) {
    return fetchOfOutput[output];
  }

  @Override
  public void close() {
    if (feeds != null) {
      feeds.deallocate();
    }
    if (fetches != null) {
      fetches.deallocate();
    }
  }
}
