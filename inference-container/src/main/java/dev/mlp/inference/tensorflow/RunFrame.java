package dev.mlp.inference.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteTensor;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_SessionRun;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_Tensor;

/**
 * The native argument arrays of one run, kept per thread because allocating them costs a third of a
 * small run.
 */
final class RunFrame implements AutoCloseable {
  private final Status status = new Status();
  private final PointerPointer<TF_Tensor> inputValues;
  private final PointerPointer<TF_Tensor> outputValues;
  private final TF_Tensor[] feeds;

  RunFrame(int maxInputs, int maxOutputs) {
    inputValues = new PointerPointer<>(Math.max(1, maxInputs));
    outputValues = new PointerPointer<>(Math.max(1, maxOutputs));
    feeds = new TF_Tensor[maxInputs];
  }

  List<Tensor> run(TF_Session session, BoundSignature bound, List<Tensor> inputs) {
    int fed = 0;
    boolean ran = false;
    try {
      for (; fed < inputs.size(); fed++) {
        feeds[fed] = NativeTensors.copyOf(inputs.get(fed));
        inputValues.put(fed, feeds[fed]);
      }
      for (int i = 0; i < bound.fetchCount(); i++) {
        outputValues.put(i, (Pointer) null);
      }
      TF_SessionRun(
          session,
          (TF_Buffer) null,
          bound.feeds(),
          inputValues,
          inputs.size(),
          bound.fetches(),
          outputValues,
          bound.fetchCount(),
          (PointerPointer<?>) null,
          0,
          (TF_Buffer) null,
          status.handle());
      status.throwIfNotOk();
      ran = true;
      return outputs(bound);
    } finally {
      // Outputs first: one may share the memory of an input.
      if (ran) {
        for (int i = 0; i < bound.fetchCount(); i++) {
          TF_DeleteTensor(new TF_Tensor(outputValues.get(i)));
        }
      }
      for (int i = 0; i < fed; i++) {
        NativeTensors.free(feeds[i], inputs.get(i));
      }
    }
  }

  private List<Tensor> outputs(BoundSignature bound) {
    @Nullable Tensor[] fetched = new Tensor[bound.fetchCount()];
    List<TensorSpec> specs = bound.signature().outputs();
    List<Tensor> outputs = new ArrayList<>(specs.size());
    for (int i = 0; i < specs.size(); i++) {
      int fetch = bound.fetchOfOutput(i);
      Tensor tensor = fetched[fetch];
      if (tensor == null) {
        tensor = NativeTensors.toJava(new TF_Tensor(outputValues.get(fetch)), specs.get(i));
        fetched[fetch] = tensor;
      }
      outputs.add(tensor);
    }
    return outputs;
  }

  @Override
  public void close() {
    inputValues.deallocate();
    outputValues.deallocate();
    status.close();
  }
}
