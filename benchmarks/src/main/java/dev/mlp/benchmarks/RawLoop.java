package dev.mlp.benchmarks;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_AllocateTensor;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteTensor;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_GetCode;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_GraphOperationByName;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_SessionRun;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_SetConfig;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_TensorData;

import dev.mlp.inference.tensorflow.NativeEnvironment;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Operation;
import org.tensorflow.internal.c_api.TF_Output;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_SessionOptions;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;

/**
 * The floor under every model server here: TensorFlow's C API called in a loop, one row at a time.
 * Arguments: model version's folder, threads, milliseconds. Prints calls per second.
 */
final class RawLoop {
  private RawLoop() {}

  public static void main(String[] arguments) throws Exception {
    int threads = Integer.parseInt(arguments[1]);
    long nanos = Long.parseLong(arguments[2]) * 1_000_000;
    NativeEnvironment.prepare();
    TF_Status status = TF_Status.newStatus();
    TF_SessionOptions options = TF_SessionOptions.newSessionOptions();
    byte[] config =
        ConfigProto.newBuilder()
            .setInterOpParallelismThreads(-1)
            .setIntraOpParallelismThreads(1)
            .build()
            .toByteArray();
    TF_SetConfig(options, new BytePointer(config), config.length, status);
    TF_Graph graph = TF_Graph.newGraph();
    TF_Buffer meta = TF_Buffer.newBuffer();
    TF_Session session =
        TF_Session.loadSessionFromSavedModel(
            options, null, arguments[0], new String[] {"serve"}, graph, meta, status);
    status.throwExceptionIfNotOK();
    SignatureDef signature =
        MetaGraphDef.parseFrom(meta.dataAsByteBuffer()).getSignatureDefOrThrow("serving_default");
    String in = operation(signature.getInputsOrThrow("x").getName());
    String out = operation(signature.getOutputsOrThrow("probability").getName());
    Thread[] loops = new Thread[threads];
    long[] counts = new long[threads];
    loop(session, graph, in, out, nanos / 4); // warms up
    for (int i = 0; i < threads; i++) {
      int index = i;
      loops[i] =
          Thread.ofPlatform().start(() -> counts[index] = loop(session, graph, in, out, nanos));
    }
    long total = 0;
    for (int i = 0; i < threads; i++) {
      loops[i].join();
      total += counts[i];
    }
    System.out.println(total / (nanos / 1e9));
  }

  private static String operation(String tensor) {
    return tensor.substring(0, tensor.indexOf(':'));
  }

  private static long loop(
      TF_Session session, TF_Graph graph, String inputName, String outputName, long nanos) {
    TF_Operation input = TF_GraphOperationByName(graph, inputName);
    TF_Operation output = TF_GraphOperationByName(graph, outputName);
    TF_Output inputs = new TF_Output(1).oper(input).index(0);
    TF_Output outputs = new TF_Output(1).oper(output).index(0);
    PointerPointer<TF_Tensor> fed = new PointerPointer<>(1);
    PointerPointer<TF_Tensor> fetched = new PointerPointer<>(1);
    TF_Status status = TF_Status.newStatus();
    float[] row = new float[MlpModel.INPUTS];
    float[] answer = new float[1];
    long end = System.nanoTime() + nanos;
    long count = 0;
    while (System.nanoTime() < end) {
      TF_Tensor tensor =
          TF_AllocateTensor(1, new long[] {1, MlpModel.INPUTS}, 2, MlpModel.INPUTS * 4L);
      new FloatPointer(TF_TensorData(tensor)).put(row, 0, MlpModel.INPUTS);
      fed.put(0, tensor);
      fetched.put(0, (Pointer) null);
      TF_SessionRun(
          session,
          (TF_Buffer) null,
          inputs,
          fed,
          1,
          outputs,
          fetched,
          1,
          (PointerPointer<?>) null,
          0,
          (TF_Buffer) null,
          status);
      if (TF_GetCode(status) != 0) {
        throw new IllegalStateException("TensorFlow refused the row");
      }
      TF_Tensor result = fetched.get(TF_Tensor.class, 0);
      new FloatPointer(TF_TensorData(result)).get(answer, 0, 1);
      TF_DeleteTensor(result);
      TF_DeleteTensor(tensor);
      count++;
    }
    return count;
  }
}
