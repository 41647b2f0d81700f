package dev.mlp.inference.http;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.model.Model;
import dev.mlp.inference.tensorflow.Signature;
import dev.mlp.inference.tensorflow.TensorSpec;
import java.util.Collection;
import java.util.List;

/** The status and the metadata of models, as TensorFlow Serving prints its messages. */
final class ModelDescriptions {
  private ModelDescriptions() {}

  /** {@code GetModelStatusResponse} of loaded versions. */
  static Answer status(Collection<Model> versions) {
    ProtoJson json = new ProtoJson();
    json.object();
    json.list("model_version_status");
    for (Model version : versions) {
      json.object();
      json.string("version", Long.toString(version.version()));
      json.string("state", "AVAILABLE");
      json.object("status");
      json.string("error_code", "OK");
      json.string("error_message", "");
      json.endObject();
      json.endObject();
    }
    json.endList();
    json.endObject();
    return Answer.json(json.text().put('\n'));
  }

  /** {@code GetModelMetadataResponse}; two messages, joined as TensorFlow Serving joins them. */
  static Answer metadata(Model model) {
    ProtoJson spec = new ProtoJson();
    spec.object();
    spec.string("name", model.name());
    spec.string("signature_name", "");
    spec.string("version", Long.toString(model.version()));
    spec.endObject();
    ProtoJson signatures = new ProtoJson();
    signatures.object();
    signatures.object("signature_def");
    for (Signature signature : model.signatures()) {
      signatures.object(signature.name());
      tensors(signatures, "inputs", signature.inputs());
      tensors(signatures, "outputs", signature.outputs());
      signatures.string("method_name", signature.methodName());
      signatures.object("defaults");
      signatures.endObject();
      signatures.endObject();
    }
    signatures.endObject();
    signatures.endObject();
    ByteBuilder text = new ByteBuilder(1024);
    text.ascii("{\n\"model_spec\":");
    text.append(spec.text().array(), 0, spec.text().size());
    text.ascii("\n,\n\"metadata\": {\"signature_def\": ");
    text.append(signatures.text().array(), 0, signatures.text().size());
    return Answer.json(text.ascii("\n}\n}\n"));
  }

  private static void tensors(ProtoJson json, String name, List<TensorSpec> specs) {
    json.object(name);
    for (TensorSpec spec : specs) {
      json.object(spec.key());
      json.string("dtype", spec.type().name());
      json.object("tensor_shape");
      json.list("dim");
      List<Long> shape = spec.shape().orElse(List.of());
      for (int i = 0; i < shape.size(); i++) {
        json.object();
        json.string("size", Long.toString(shape.get(i)));
        json.string("name", spec.dimensionNames().get(i));
        json.endObject();
      }
      json.endList();
      json.bool("unknown_rank", spec.shape().isEmpty());
      json.endObject();
      json.string("name", spec.tensorName());
      json.endObject();
    }
    json.endObject();
  }
}
