package dev.mlp.inference.predict;

import dev.mlp.inference.json.ByteBuilder;
import dev.mlp.inference.json.JsonKind;
import dev.mlp.inference.json.JsonReader;
import dev.mlp.inference.json.JsonSyntaxException;
import dev.mlp.inference.tensorflow.StatusException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Turns the bodies that SageMaker's TensorFlow Serving container takes into TensorFlow Serving's
 * JSON:
 *
 * <ul>
 *   <li>JSON with a member {@code instances}, {@code inputs} or {@code examples} is that already;
 *   <li>several JSON values behind one another (JSON Lines) are one instance each;
 *   <li>one list of lists is the list of instances;
 *   <li>any other JSON, a bare list too, is one instance;
 *   <li>CSV: each line is one instance, a list where it has several columns; what is no number is a
 *       string.
 * </ul>
 */
final class InvocationBody {
  private static final List<byte[]> PREDICT_KEYS =
      List.of(utf8("instances"), utf8("inputs"), utf8("examples"));

  private final JsonReader json = new JsonReader();
  private final ByteBuilder name = new ByteBuilder(64);

  /** JSON or JSON Lines; gives the same array back where nothing is to be done. */
  byte[] ofJson(byte[] body) {
    json.reset(body, 0, body.length);
    try {
      return json.atEnd() || isPredictRequest() ? body : wrap(body);
    } catch (JsonSyntaxException e) {
      throw StatusException.invalidArgument(e.describe());
    }
  }

  /** Looks no further than the member that decides. */
  private boolean isPredictRequest() {
    JsonReader.Mark start = json.mark();
    try {
      if (json.peek() != JsonKind.OBJECT || !json.beginObject()) {
        return false;
      }
      do {
        json.name(name.clear(64));
        for (byte[] key : PREDICT_KEYS) {
          if (name.contentEquals(key)) {
            return true;
          }
        }
        json.skipValue();
      } while (json.nextMember());
      return false;
    } finally {
      json.returnTo(start);
    }
  }

  private byte[] wrap(byte[] body) {
    ByteBuilder out = new ByteBuilder(body.length + 32);
    out.ascii("{\"instances\":[");
    int start = out.size();
    int values = 0;
    boolean listOfLists = false;
    do {
      listOfLists = values == 0 && isListOfLists();
      int from = json.position();
      json.skipValue();
      if (values++ > 0) {
        out.put(',');
      }
      out.append(body, from, json.position() - from);
    } while (!json.atEnd());
    if (listOfLists) {
      byte[] instances = out.toByteArray();
      out.clear(instances.length).ascii("{\"instances\":");
      out.append(instances, start, instances.length - start);
      return out.put('}').toByteArray();
    }
    return out.ascii("]}").toByteArray();
  }

  private boolean isListOfLists() {
    JsonReader.Mark start = json.mark();
    try {
      return json.peek() == JsonKind.ARRAY && json.beginArray() && json.peek() == JsonKind.ARRAY;
    } finally {
      json.returnTo(start);
    }
  }

  /** CSV with optional quotes (a doubled one stands for itself); no header line. */
  byte[] ofCsv(byte[] body) {
    return new CsvInstances(body).toJson();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
