package dev.mlp.inference.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_CloseSession;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteBuffer;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteGraph;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteSession;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteSessionOptions;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_LoadSessionFromSavedModel;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NewBuffer;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NewGraph;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NewSessionOptions;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_SetConfig;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_SessionOptions;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.MetaGraphDef;

/**
 * A loaded SavedModel. {@link #run} may be called by any number of threads at once; {@link #close}
 * only after the last of them has returned.
 *
 * <p>It uses the C API directly: tensorflow-java's own bundle refuses models whose signatures do
 * not all fit their graph or name one tensor twice, and costs as much per call as a small model
 * itself.
 */
public final class SavedModel implements AutoCloseable {
  private static final String SERVING_TAG = "serve";

  private final TF_Session session;
  private final TF_Graph graph;
  private final Map<String, BoundSignature> signatures = new LinkedHashMap<>();
  private final ConcurrentLinkedQueue<RunFrame> frames = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<RunFrame> frame;

  private SavedModel(TF_Session session, TF_Graph graph, MetaGraphDef metaGraph) {
    this.session = session;
    this.graph = graph;
    metaGraph.getSignatureDefMap().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry ->
            signatures.put(
                entry.getKey(),
                new BoundSignature(Signature.of(entry.getKey(), entry.getValue()), graph)));
    int maxInputs =
        signatures.values().stream().mapToInt(BoundSignature::feedCount).max().orElse(0);
    int maxOutputs =
        signatures.values().stream().mapToInt(BoundSignature::fetchCount).max().orElse(0);
    this.frame =
        ThreadLocal.withInitial(() -> {
          RunFrame made = new RunFrame(maxInputs, maxOutputs);
          frames.add(made);
          return made;
        });
  }

  /**
   * Loads the graph tagged {@code serve} with its variables.
   *
   * @param directory the one that holds saved_model.pb
   * @throws StatusException if TensorFlow cannot load it
   */
  public static SavedModel load(Path directory, SessionThreads threads) {
    TF_SessionOptions options = TF_NewSessionOptions();
    TF_Graph graph = TF_NewGraph();
    TF_Buffer metaGraph = TF_NewBuffer();
    boolean loaded = false;
    try (Status status = new Status();
        BytePointer path = new BytePointer(directory.toString(), StandardCharsets.UTF_8);
        BytePointer tag = new BytePointer(SERVING_TAG, StandardCharsets.UTF_8);
        PointerPointer<BytePointer> tags = new PointerPointer<>(1)) {
      configure(options, threads, status);
      tags.put(0, tag);
      TF_Session session =
          TF_LoadSessionFromSavedModel(
              options, null, path, tags, 1, graph, metaGraph, status.handle());
      status.throwIfNotOk();
      SavedModel model =
          new SavedModel(session, graph, MetaGraphDef.parseFrom(metaGraph.dataAsByteBuffer()));
      loaded = true;
      return model;
    } catch (InvalidProtocolBufferException e) {
      throw new StatusException(
          StatusCode.DATA_LOSS, "The graph of " + directory + " cannot be read: " + e.getMessage());
    } finally {
      TF_DeleteBuffer(metaGraph);
      TF_DeleteSessionOptions(options);
      if (!loaded) {
        TF_DeleteGraph(graph);
      }
    }
  }

  private static void configure(TF_SessionOptions options, SessionThreads threads, Status status) {
    byte[] config =
        ConfigProto.newBuilder()
            .setAllowSoftPlacement(true)
            .setInterOpParallelismThreads(threads.interOp())
            .setIntraOpParallelismThreads(threads.intraOp())
            .build()
            .toByteArray();
    try (BytePointer bytes = new BytePointer(config)) {
      TF_SetConfig(options, bytes, config.length, status.handle());
      status.throwIfNotOk();
    }
  }

  public Collection<Signature> signatures() {
    return signatures.values().stream().map(BoundSignature::signature).toList();
  }

  public Optional<Signature> signature(String name) {
    return Optional.ofNullable(signatures.get(name)).map(BoundSignature::signature);
  }

  /**
   * Runs a signature.
   *
   * @param inputs one for each of the signature's inputs, in their order
   * @return one for each of the signature's outputs, in their order
   * @throws StatusException if TensorFlow refuses the inputs or fails
   */
  public List<Tensor> run(Signature signature, List<Tensor> inputs) {
    BoundSignature bound = signatures.get(signature.name());
    if (bound == null
        || !bound.signature().equals(signature)
        || inputs.size() != bound.feedCount()) {
      throw new IllegalArgumentException(
          "Signature "
              + signature.name()
              + " with "
              + inputs.size()
              + " inputs is not this model's");
    }
    bound.requireRunnable();
    return frame.get().run(session, bound, inputs);
  }

  @Override
  public void close() {
    frames.forEach(RunFrame::close);
    signatures.values().forEach(BoundSignature::close);
    try (Status status = new Status()) {
      TF_CloseSession(session, status.handle());
      TF_DeleteSession(session, status.handle());
    }
    TF_DeleteGraph(graph);
  }
}
