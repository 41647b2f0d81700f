package dev.mlp.inference.predict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.predict.PredictRequest.Format;
import dev.mlp.inference.tensorflow.DataType;
import dev.mlp.inference.tensorflow.Signature;
import dev.mlp.inference.tensorflow.Tensor;
import dev.mlp.inference.tensorflow.TensorBuilder;
import dev.mlp.inference.tensorflow.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * What is written as predictions reads as instances, and outputs as inputs: the same tensors come
 * back.
 */
class RoundTripTest {
  private static final List<DataType> TYPES =
      List.of(
          DataType.DT_FLOAT,
          DataType.DT_DOUBLE,
          DataType.DT_HALF,
          DataType.DT_BFLOAT16,
          DataType.DT_INT8,
          DataType.DT_UINT8,
          DataType.DT_INT16,
          DataType.DT_UINT16,
          DataType.DT_INT32,
          DataType.DT_UINT32,
          DataType.DT_INT64,
          DataType.DT_UINT64,
          DataType.DT_BOOL,
          DataType.DT_STRING);

  @Property(tries = 2000)
  void tensorsSurviveBothForms(
      @ForAll @IntRange(min = 1, max = 4) int rows,
      @ForAll @Size(max = 3) List<@IntRange(min = 1, max = 3) Integer> rowShape,
      @ForAll @IntRange(min = 1, max = 3) int count,
      @ForAll Format format,
      @ForAll boolean newLines,
      @ForAll long seed) {
    Random random = new Random(seed);
    long[] shape = new long[rowShape.size() + 1];
    shape[0] = rows;
    for (int i = 0; i < rowShape.size(); i++) {
      shape[i + 1] = rowShape.get(i);
    }
    List<TensorSpec> specs = new ArrayList<>();
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      DataType type = TYPES.get(random.nextInt(TYPES.size()));
      String key = "t" + i + (random.nextBoolean() ? "_bytes" : "");
      specs.add(new TensorSpec(key, key + ":0", type, Optional.empty(), List.of()));
      tensors.add(random(type, shape, random));
    }
    Signature signature = new Signature("serving_default", "", specs, specs);
    ByteBuilder out = new ByteBuilder(16);
    new PredictResponseWriter(out).write(format, signature, tensors, newLines);
    byte[] body =
        out.toString()
            .replace("\"predictions\"", "\"instances\"")
            .replace("\"outputs\"", "\"inputs\"")
            .getBytes(StandardCharsets.UTF_8);
    assertThat(out.toString().contains("\n")).isEqualTo(newLines);
    PredictRequest request =
        new PredictRequestReader().read(body, 0, body.length, _ -> Optional.of(signature));
    assertThat(request.format()).isEqualTo(format);
    for (int i = 0; i < count; i++) {
      assertThat(request.inputs().get(i)).usingRecursiveComparison().isEqualTo(tensors.get(i));
    }
  }

  private static Tensor random(DataType type, long[] shape, Random random) {
    TensorBuilder builder = new TensorBuilder();
    builder.reset(type);
    for (long i = 0; i < Tensor.elements(shape); i++) {
      switch (type) {
        case DT_FLOAT ->
            builder.addFloat(random.nextBoolean() ? random.nextFloat() : random.nextInt(99));
        case DT_DOUBLE -> builder.addDouble(random.nextGaussian() * 1e8);
        case DT_HALF -> builder.addShort(Float.floatToFloat16(random.nextFloat()));
        case DT_BFLOAT16 -> builder.addShort(Float.floatToIntBits(random.nextFloat()) >>> 16);
        case DT_INT8, DT_UINT8 -> builder.addByte(random.nextInt());
        case DT_INT16, DT_UINT16 -> builder.addShort(random.nextInt());
        case DT_INT32, DT_UINT32 -> builder.addInt(random.nextInt());
        case DT_INT64, DT_UINT64 -> builder.addLong(random.nextLong());
        case DT_BOOL -> builder.addByte(random.nextInt(2));
        default -> {
          byte[] text = "é\"\\\n😀x".repeat(random.nextInt(3)).getBytes(StandardCharsets.UTF_8);
          builder.addStringBytes(text, 0, text.length);
          builder.endString();
        }
      }
    }
    return builder.build(shape.clone());
  }
}
