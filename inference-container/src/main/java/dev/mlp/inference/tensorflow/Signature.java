package dev.mlp.inference.tensorflow;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * A function that a model offers: named inputs and named outputs, both ordered by name. Compared by
 * identity: it belongs to one model.
 */
public final class Signature {

  /** The signature that is used where a request names none. */
  public static final String DEFAULT_NAME = "serving_default";

  private final String name;
  private final String methodName;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final byte[][] inputKeys;

  public Signature(
      String name, String methodName, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    this.name = name;
    this.methodName = methodName;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.inputKeys =
        inputs.stream()
            .map(input -> input.key().getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
  }

  static Signature of(String name, SignatureDef definition) {
    return new Signature(
        name,
        definition.getMethodName(),
        specs(definition.getInputsMap()),
        specs(definition.getOutputsMap()));
  }

  public String name() {
    return name;
  }

  /** What it is meant for, such as {@code tensorflow/serving/predict}; may be empty. */
  public String methodName() {
    return methodName;
  }

  public List<TensorSpec> inputs() {
    return inputs;
  }

  public List<TensorSpec> outputs() {
    return outputs;
  }

  /** The name of an input in UTF-8, to be compared with a request's bytes; not to be changed. */
  public byte[] inputKey(int index) {
    return inputKeys[index];
  }

  private static List<TensorSpec> specs(Map<String, TensorInfo> infos) {
    return infos.entrySet().stream()
        .map(entry -> spec(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparing(TensorSpec::key))
        .toList();
  }

  private static TensorSpec spec(String key, TensorInfo info) {
    TensorShapeProto shape = info.getTensorShape();
    return new TensorSpec(
        key,
        info.getName(),
        DataType.of(info.getDtypeValue()),
        shape.getUnknownRank()
            ? Optional.empty()
            : Optional.of(shape.getDimList().stream().map(TensorShapeProto.Dim::getSize).toList()),
        shape.getDimList().stream().map(TensorShapeProto.Dim::getName).toList());
  }
}
