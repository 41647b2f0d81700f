package dev.mlp.inference.predict;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.json.JsonKind;
import dev.mlp.inference.json.JsonReader;
import dev.mlp.inference.json.JsonSyntaxException;
import dev.mlp.inference.json.JsonText;
import dev.mlp.inference.predict.PredictRequest.Format;
import dev.mlp.inference.tensorflow.Signature;
import dev.mlp.inference.tensorflow.StatusException;
import dev.mlp.inference.tensorflow.Tensor;
import dev.mlp.inference.tensorflow.TensorBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads TensorFlow Serving's JSON predict request in one pass, straight into tensors.
 *
 * <p>The types of the inputs follow from the signature, and {@code signature_name} may stand behind
 * the inputs. So the pass assumes the default signature until it has seen another; where that was
 * wrong, or anything is refused, the text is looked at again at leisure. Errors are then those of
 * TensorFlow Serving, which parses the whole text first: bad JSON before a bad signature before bad
 * values.
 */
final class PredictRequestReader {
  private static final byte[] SIGNATURE_NAME = ascii("signature_name");
  private static final byte[] INSTANCES = ascii("instances");
  private static final byte[] INPUTS = ascii("inputs");

  private final JsonReader json = new JsonReader();
  private final ByteBuilder name = new ByteBuilder(64);
  private final TensorReader tensors = new TensorReader(json);
  private final InstancesReader instances = new InstancesReader(json, tensors);
  private final List<TensorBuilder> builders = new ArrayList<>();

  /**
   * @param signatures finds a signature by its name
   * @throws StatusException if it is refused
   */
  PredictRequest read(
      byte[] body, int from, int to, Function<String, Optional<Signature>> signatures) {
    try {
      return attempt(body, from, to, signatures, null);
    } catch (StatusException | JsonSyntaxException refused) {
      requireJson(body, from, to);
      String actual = signatureName(body, from, to);
      if (refused instanceof StatusException status && actual.equals(Signature.DEFAULT_NAME)) {
        throw status;
      }
      return attempt(body, from, to, signatures, actual);
    }
  }

  private PredictRequest attempt(
      byte[] body,
      int from,
      int to,
      Function<String, Optional<Signature>> signatures,
      @Nullable String knownName) {
    json.reset(body, from, to);
    requireObject();
    String signatureName = knownName == null ? Signature.DEFAULT_NAME : knownName;
    String lateName = signatureName;
    boolean named = knownName != null;
    PredictRequest request = null;
    if (json.beginObject()) {
      do {
        json.name(name.clear(64));
        if (name.contentEquals(SIGNATURE_NAME) && !named) {
          named = true;
          lateName = readSignatureName(from);
          if (request == null) {
            signatureName = lateName;
          }
        } else if (name.contentEquals(INSTANCES) || name.contentEquals(INPUTS)) {
          Format format = name.contentEquals(INSTANCES) ? Format.ROW : Format.COLUMNAR;
          if (request == null) {
            request = read(format, require(signatures, signatureName), from);
          } else if (request.format() != format) {
            throw format(
                from,
                "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ");
          } else {
            json.skipValue(); // a repeated key: the first one counts
          }
        } else {
          json.skipValue();
        }
      } while (json.nextMember());
    }
    if (!json.atEnd()) {
      throw new JsonSyntaxException("trailing text", 0); // the second look words it
    }
    if (!lateName.equals(signatureName)) {
      return attempt(body, from, to, signatures, lateName);
    }
    if (request == null) {
      require(signatures, signatureName);
      throw StatusException.invalidArgument("Missing 'inputs' or 'instances' key");
    }
    return request;
  }

  private static Signature require(
      Function<String, Optional<Signature>> signatures, String signatureName) {
    Signature signature =
        signatures
            .apply(signatureName)
            .orElseThrow(() ->
                StatusException.invalidArgument(
                    "Serving signature name: \""
                        + signatureName
                        + "\" not found in signature def"));
    if (signature.inputs().isEmpty()) {
      throw StatusException.invalidArgument(
          "Failed to get input map for signature: "
              + (signatureName.equals(Signature.DEFAULT_NAME) ? "DEFAULT" : signatureName));
    }
    return signature;
  }

  private PredictRequest read(Format format, Signature signature, int documentFrom) {
    while (builders.size() < signature.inputs().size()) {
      builders.add(new TensorBuilder());
    }
    for (int i = 0; i < signature.inputs().size(); i++) {
      builders.get(i).reset(signature.inputs().get(i).type());
    }
    List<Tensor> inputs =
        switch (format) {
          case ROW -> {
            if (json.peek() != JsonKind.ARRAY) {
              throw format(documentFrom, "Excepting 'instances' to be an list/array");
            }
            if (!json.beginArray()) {
              throw format(documentFrom, "No values in 'instances' array");
            }
            yield instances.read(signature, builders);
          }
          case COLUMNAR -> readColumns(signature);
        };
    return new PredictRequest(format, signature, inputs);
  }

  private List<Tensor> readColumns(Signature signature) {
    int count = signature.inputs().size();
    @Nullable Tensor[] inputs = new Tensor[count];
    if (json.peek() == JsonKind.OBJECT && !tensors.isBase64Object()) {
      if (json.beginObject()) {
        int expected = 0;
        do {
          json.name(name.clear(64));
          int input = InputNames.indexOf(signature, name, expected);
          if (input < 0 || inputs[input] != null) {
            json.skipValue();
          } else {
            tensors.read(builders.get(input));
            inputs[input] = builders.get(input).build(tensors.shape());
            expected = input + 1;
          }
        } while (json.nextMember());
      }
    } else if (count > 1) {
      throw StatusException.invalidArgument(
          "inputs is a plain value/list, but expecting an object as multiple input tensors required"
              + " as per tensorinfo_map");
    } else {
      tensors.read(builders.getFirst());
      inputs[0] = builders.getFirst().build(tensors.shape());
    }
    List<Tensor> complete = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Tensor input = inputs[i];
      if (input == null) {
        throw StatusException.invalidArgument(
            "Missing named input: " + signature.inputs().get(i).key() + " in 'inputs' object.");
      }
      complete.add(input);
    }
    return complete;
  }

  private void requireJson(byte[] body, int from, int to) {
    try {
      json.reset(body, from, to);
      json.checkSyntax();
    } catch (JsonSyntaxException e) {
      throw StatusException.invalidArgument(e.describe());
    }
  }

  private void requireObject() {
    if (json.peek() != JsonKind.OBJECT) {
      throw format(json.position(), "Is not object");
    }
  }

  /** The signature that a well-formed request asks for, wherever the name stands. */
  private String signatureName(byte[] body, int from, int to) {
    json.reset(body, from, to);
    requireObject();
    if (json.beginObject()) {
      do {
        json.name(name.clear(64));
        if (name.contentEquals(SIGNATURE_NAME)) {
          return readSignatureName(from);
        }
        json.skipValue();
      } while (json.nextMember());
    }
    return Signature.DEFAULT_NAME;
  }

  private String readSignatureName(int documentFrom) {
    if (json.peek() != JsonKind.STRING) {
      throw format(
          documentFrom, "not formatted correctly. 'signature_name' key must be a string value.");
    }
    json.string(name.clear(64));
    return name.size() == 0 ? Signature.DEFAULT_NAME : name.toString();
  }

  private StatusException format(int documentFrom, String message) {
    return StatusException.invalidArgument(
        "JSON Value: " + JsonText.pretty(json, documentFrom) + " " + message);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
