package dev.mlp.inference.tensorflow;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.proto.VersionDef;

/** Writes small SavedModels, node by node, in every shape that a signature can have. */
public final class TestGraph {
  private final GraphDef.Builder graph =
      GraphDef.newBuilder().setVersions(VersionDef.newBuilder().setProducer(1882));
  private final MetaGraphDef.Builder metaGraph = MetaGraphDef.newBuilder();

  public static org.tensorflow.proto.DataType proto(DataType type) {
    return org.tensorflow.proto.DataType.forNumber(type.number());
  }

  /** An input of open shape. */
  public TestGraph placeholder(String name, DataType type) {
    return node(name, "Placeholder", List.of(), node -> node.putAttr("dtype", type(type)));
  }

  /** An operation with one type, its attribute {@code T}. */
  public TestGraph op(String name, String op, DataType type, String... inputs) {
    return node(name, op, List.of(inputs), node -> node.putAttr("T", type(type)));
  }

  public TestGraph constant(String name, float[] values, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setDtype(proto(DataType.DT_FLOAT)).setTensorShape(shape(shape));
    for (float value : values) {
      tensor.addFloatVal(value);
    }
    return constant(name, DataType.DT_FLOAT, tensor);
  }

  public TestGraph constant(String name, int[] values, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setDtype(proto(DataType.DT_INT32)).setTensorShape(shape(shape));
    for (int value : values) {
      tensor.addIntVal(value);
    }
    return constant(name, DataType.DT_INT32, tensor);
  }

  public TestGraph constant(String name, byte[] string) {
    return constant(
        name,
        DataType.DT_STRING,
        TensorProto.newBuilder()
            .setDtype(proto(DataType.DT_STRING))
            .setTensorShape(shape())
            .addStringVal(ByteString.copyFrom(string)));
  }

  private TestGraph constant(String name, DataType type, TensorProto.Builder tensor) {
    return node(
        name,
        "Const",
        List.of(),
        node ->
            node.putAttr("dtype", type(type))
                .putAttr("value", AttrValue.newBuilder().setTensor(tensor).build()));
  }

  public TestGraph node(
      String name, String op, List<String> inputs, Consumer<NodeDef.Builder> attributes) {
    NodeDef.Builder node = NodeDef.newBuilder().setName(name).setOp(op).addAllInput(inputs);
    attributes.accept(node);
    graph.addNode(node);
    return this;
  }

  public static AttrValue type(DataType type) {
    return AttrValue.newBuilder().setType(proto(type)).build();
  }

  public static AttrValue attribute(boolean value) {
    return AttrValue.newBuilder().setB(value).build();
  }

  public static AttrValue attribute(long value) {
    return AttrValue.newBuilder().setI(value).build();
  }

  public static TensorShapeProto shape(long... dimensions) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dimension : dimensions) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(dimension));
    }
    return shape.build();
  }

  /** A tensor of a signature with a declared shape. */
  public static TensorInfo tensor(String name, DataType type, long... dimensions) {
    return TensorInfo.newBuilder()
        .setName(name)
        .setDtype(proto(type))
        .setTensorShape(shape(dimensions))
        .build();
  }

  public static TensorInfo tensorOfUnknownRank(String name, DataType type) {
    return TensorInfo.newBuilder()
        .setName(name)
        .setDtype(proto(type))
        .setTensorShape(TensorShapeProto.newBuilder().setUnknownRank(true))
        .build();
  }

  public TestGraph signature(String name, Consumer<SignatureDef.Builder> definition) {
    SignatureDef.Builder signature =
        SignatureDef.newBuilder().setMethodName("tensorflow/serving/predict");
    definition.accept(signature);
    metaGraph.putSignatureDef(name, signature.build());
    return this;
  }

  /** Writes saved_model.pb into the directory, which it makes, and returns it. */
  public Path write(Path directory) {
    metaGraph
        .setMetaInfoDef(MetaGraphDef.MetaInfoDef.newBuilder().addTags("serve"))
        .setGraphDef(graph);
    try {
      Files.createDirectories(directory);
      Files.write(
          directory.resolve("saved_model.pb"),
          org.tensorflow.proto.SavedModel.newBuilder()
              .setSavedModelSchemaVersion(1)
              .addMetaGraphs(metaGraph)
              .build()
              .toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }

  /** y = x, for any type. */
  public static TestGraph identity(DataType type) {
    return new TestGraph()
        .placeholder("x", type)
        .op("y", "Identity", type, "x")
        .signature(
            Signature.DEFAULT_NAME,
            signature ->
                signature
                    .putInputs("x", tensorOfUnknownRank("x:0", type))
                    .putOutputs("y", tensorOfUnknownRank("y:0", type)));
  }

  /** y = x / 2 + 2, declared as (-1, 1). */
  public static TestGraph halfPlusTwo() {
    return new TestGraph()
        .placeholder("x", DataType.DT_FLOAT)
        .constant("a", new float[] {0.5f})
        .constant("b", new float[] {2})
        .op("ax", "Mul", DataType.DT_FLOAT, "x", "a")
        .op("y", "AddV2", DataType.DT_FLOAT, "ax", "b")
        .signature(
            Signature.DEFAULT_NAME,
            signature ->
                signature
                    .putInputs("x", tensor("x:0", DataType.DT_FLOAT, -1, 1))
                    .putOutputs("y", tensor("y:0", DataType.DT_FLOAT, -1, 1)));
  }

  /**
   * sum = a + b and product = a * b (twice, under two names), of two inputs; total, a scalar, of
   * sum.
   */
  public static TestGraph twoInputs() {
    return new TestGraph()
        .placeholder("a_in", DataType.DT_FLOAT)
        .placeholder("b_in", DataType.DT_FLOAT)
        .op("sum", "AddV2", DataType.DT_FLOAT, "a_in", "b_in")
        .op("product", "Mul", DataType.DT_FLOAT, "a_in", "b_in")
        .constant("axis", new int[] {0}, 1)
        .node(
            "total",
            "Sum",
            List.of("sum", "axis"),
            node ->
                node.putAttr("T", type(DataType.DT_FLOAT))
                    .putAttr("Tidx", type(DataType.DT_INT32))
                    .putAttr("keep_dims", attribute(false)))
        .signature(Signature.DEFAULT_NAME, TestGraph::twoInputsSignature)
        .signature(
            "with_total",
            signature -> {
              twoInputsSignature(signature);
              signature.putOutputs("total", tensor("total:0", DataType.DT_FLOAT));
            })
        .signature(
            "broken",
            signature ->
                signature
                    .putInputs("a", tensor("a_in:0", DataType.DT_FLOAT, -1))
                    .putOutputs("y", tensor("nowhere:0", DataType.DT_FLOAT, -1)))
        .signature(
            "constant",
            signature -> signature.putOutputs("y", tensor("axis:0", DataType.DT_INT32, 1)));
  }

  private static void twoInputsSignature(SignatureDef.Builder signature) {
    signature
        .putInputs("a", tensor("a_in:0", DataType.DT_FLOAT, -1))
        .putInputs("b", tensor("b_in:0", DataType.DT_FLOAT, -1))
        .putOutputs("product", tensor("product:0", DataType.DT_FLOAT, -1))
        .putOutputs("sum", tensor("sum:0", DataType.DT_FLOAT, -1))
        .putOutputs("the_same_product", tensor("product:0", DataType.DT_FLOAT, -1));
  }

  /** One layer of 9 inputs and 1 output, y = sigmoid(x W), W all 0.1. */
  public static TestGraph layer() {
    float[] weights = new float[9];
    Arrays.fill(weights, 0.1f);
    return new TestGraph()
        .placeholder("x", DataType.DT_FLOAT)
        .constant("w", weights, 9, 1)
        .op("z", "MatMul", DataType.DT_FLOAT, "x", "w")
        .op("y", "Sigmoid", DataType.DT_FLOAT, "z")
        .signature(
            Signature.DEFAULT_NAME,
            signature ->
                signature
                    .putInputs("x", tensor("x:0", DataType.DT_FLOAT, -1, 9))
                    .putOutputs("y", tensor("y:0", DataType.DT_FLOAT, -1, 1)));
  }
}
