package dev.mlp.inference.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SavedModelTest {
  @TempDir private Path directory;

  @BeforeAll
  static void prepare() {
    NativeEnvironment.prepare();
  }

  private SavedModel load(TestGraph graph) {
    return SavedModel.load(graph.write(directory), SessionThreads.CALLER_RUNS);
  }

  private static Signature defaultOf(SavedModel model) {
    return model.signature(Signature.DEFAULT_NAME).orElseThrow();
  }

  private static Tensor floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.nativeOrder());
    for (float value : values) {
      bytes.putFloat(value);
    }
    return Tensor.of(DataType.DT_FLOAT, new long[] {values.length}, bytes.array());
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"DT_INVALID", "DT_STRING", "DT_RESOURCE", "DT_VARIANT"},
      mode = EnumSource.Mode.EXCLUDE)
  void carriesEveryFixedSizeTypeUnchanged(DataType type) {
    byte[] bytes = new byte[6 * type.byteSize()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = type == DataType.DT_BOOL ? (byte) (i % 2) : (byte) (i * 37 + 1);
    }
    try (SavedModel model = load(TestGraph.identity(type))) {
      Tensor out =
          model
              .run(defaultOf(model), List.of(Tensor.of(type, new long[] {2, 3}, bytes)))
              .getFirst();
      assertThat(out.type()).isEqualTo(type);
      assertThat(out.shape()).containsExactly(2, 3);
      assertThat(out.byteArray()).isEqualTo(bytes);
    }
  }

  @Test
  void carriesStringsOfAllLengthsUnchanged() {
    // TensorFlow keeps up to 22 bytes in place and longer ones elsewhere.
    TensorBuilder builder = new TensorBuilder();
    builder.reset(DataType.DT_STRING);
    List<String> strings = new ArrayList<>();
    for (int length : new int[] {0, 1, 22, 23, 24, 1000, 100_000}) {
      strings.add("ö".repeat(length));
      byte[] utf8 = strings.getLast().getBytes(StandardCharsets.UTF_8);
      builder.addStringBytes(utf8, 0, utf8.length);
      builder.endString();
    }
    try (SavedModel model = load(TestGraph.identity(DataType.DT_STRING))) {
      Tensor out =
          model.run(defaultOf(model), List.of(builder.build(new long[] {7, 1}))).getFirst();
      assertThat(out.shape()).containsExactly(7, 1);
      for (int i = 0; i < strings.size(); i++) {
        assertThat(out.stringAt(i)).isEqualTo(strings.get(i));
      }
    }
  }

  @Test
  void carriesEmptyTensors() {
    try (SavedModel model = load(TestGraph.identity(DataType.DT_FLOAT))) {
      Tensor empty = Tensor.of(DataType.DT_FLOAT, new long[] {0, 3}, new byte[0]);
      Tensor out = model.run(defaultOf(model), List.of(empty)).getFirst();
      assertThat(out.shape()).containsExactly(0, 3);
    }
    try (SavedModel model = load(TestGraph.identity(DataType.DT_STRING))) {
      Tensor empty = Tensor.ofStrings(new long[] {0}, new byte[0], new int[0]);
      assertThat(model.run(defaultOf(model), List.of(empty)).getFirst().elementCount()).isZero();
    }
  }

  @Test
  void answersEveryOutputInTheOrderOfTheirNamesAliasesToo() {
    try (SavedModel model = load(TestGraph.twoInputs())) {
      Signature signature = defaultOf(model);
      assertThat(signature.inputs()).extracting(TensorSpec::key).containsExactly("a", "b");
      assertThat(signature.outputs())
          .extracting(TensorSpec::key)
          .containsExactly("product", "sum", "the_same_product");
      List<Tensor> outputs = model.run(signature, List.of(floats(1, 2), floats(10, 20)));
      assertThat(outputs.get(0).floatAt(1)).isEqualTo(40);
      assertThat(outputs.get(1).floatAt(1)).isEqualTo(22);
      assertThat(outputs.get(2).floatAt(1)).isEqualTo(40);
    }
  }

  @Test
  void readsWhatSignaturesDeclare() {
    TestGraph graph =
        TestGraph.halfPlusTwo()
            .signature(
                "reference",
                signature ->
                    signature.putInputs(
                        "x",
                        TestGraph.tensorOfUnknownRank("x:0", DataType.DT_FLOAT).toBuilder()
                            .setDtype(org.tensorflow.proto.DataType.DT_FLOAT_REF)
                            .build()));
    try (SavedModel model = load(graph)) {
      TensorSpec input = defaultOf(model).inputs().getFirst();
      assertThat(input.shape()).contains(List.of(-1L, 1L));
      assertThat(input.tensorName()).isEqualTo("x:0");
      TensorSpec masked = model.signature("reference").orElseThrow().inputs().getFirst();
      assertThat(masked.type()).isEqualTo(DataType.DT_FLOAT);
      assertThat(masked.shape()).isEmpty();
      assertThat(model.signature("no-such")).isEmpty();
    }
  }

  @Test
  void loadsAModelOfWhichOneSignatureDoesNotFitItsGraph() {
    try (SavedModel model = load(TestGraph.twoInputs())) {
      Signature broken = model.signature("broken").orElseThrow();
      assertThatThrownBy(() -> model.run(broken, List.of(floats(1))))
          .isInstanceOf(StatusException.class)
          .hasMessage(
              "Tensor nowhere:0, specified in either feed_devices or fetch_devices was not found in"
                  + " the Graph");
    }
  }

  @Test
  void passesOnWhatTensorFlowRefuses() {
    try (SavedModel model = load(TestGraph.layer())) {
      Tensor wrong = Tensor.of(DataType.DT_FLOAT, new long[] {1, 8}, new byte[32]);
      assertThatThrownBy(() -> model.run(defaultOf(model), List.of(wrong)))
          .isInstanceOfSatisfying(
              StatusException.class,
              e -> {
                assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
                assertThat(e).hasMessageContaining("In[0]: [1,8], In[1]: [9,1]");
              });
    }
  }

  @Test
  void saysWhyAModelCannotBeLoaded() throws IOException {
    Files.writeString(directory.resolve("saved_model.pb"), "this is no protobuf");
    assertThatThrownBy(() -> SavedModel.load(directory, SessionThreads.CALLER_RUNS))
        .isInstanceOf(StatusException.class)
        .hasMessageContaining("saved_model.pb");
  }

  @Test
  void answersManyThreadsRightly() throws Exception {
    try (SavedModel model = load(TestGraph.twoInputs());
        ExecutorService executor = Executors.newFixedThreadPool(4)) {
      Signature signature = defaultOf(model);
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int task = 0; task < 4; task++) {
        float base = task * 1000;
        tasks.add(() -> {
          for (int i = 0; i < 2000; i++) {
            List<Tensor> out = model.run(signature, List.of(floats(base + i, i), floats(1, base)));
            if (out.get(1).floatAt(0) != base + i + 1 || out.get(1).floatAt(1) != i + base) {
              return false;
            }
          }
          return true;
        });
      }
      for (Future<Boolean> result : executor.invokeAll(tasks)) {
        assertThat(result.get()).isTrue();
      }
    }
  }

  @Test
  void keepsMemoryFlatOverManyRuns() {
    TensorBuilder builder = new TensorBuilder();
    builder.reset(DataType.DT_STRING);
    byte[] text =
        "a string that is too long to lie in place".repeat(20).getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 4; i++) {
      builder.addStringBytes(text, 0, text.length);
      builder.endString();
    }
    Tensor strings = builder.build(new long[] {4});
    Tensor wrong = Tensor.of(DataType.DT_FLOAT, new long[] {1, 8}, new byte[32]);
    Tensor right = Tensor.of(DataType.DT_FLOAT, new long[] {1, 9}, new byte[36]);
    try (SavedModel identity = load(TestGraph.identity(DataType.DT_STRING));
        SavedModel layer =
            SavedModel.load(
                TestGraph.layer().write(directory.resolve("layer")), SessionThreads.CALLER_RUNS)) {
      long before = 0;
      for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 40_000; i++) {
          layer.run(defaultOf(layer), List.of(right));
          if (i % 4 == 0) {
            identity.run(defaultOf(identity), List.of(strings));
          }
          if (i % 20 == 0) {
            assertThatThrownBy(() -> layer.run(defaultOf(layer), List.of(wrong)))
                .isInstanceOf(StatusException.class);
          }
        }
        // The first round grows what is kept for reuse.
        before = round == 0 ? NativeHeap.bytesInUse() : before;
      }
      // Leaking as little as one tensor's header per run would be more than 16 MB.
      assertThat(NativeHeap.bytesInUse() - before).isLessThan(6L << 20);
    }
  }
}
