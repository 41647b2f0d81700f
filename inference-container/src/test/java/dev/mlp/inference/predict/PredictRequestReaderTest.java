package dev.mlp.inference.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.inference.predict.PredictRequest.Format;
import dev.mlp.inference.tensorflow.DataType;
import dev.mlp.inference.tensorflow.Signature;
import dev.mlp.inference.tensorflow.StatusCode;
import dev.mlp.inference.tensorflow.StatusException;
import dev.mlp.inference.tensorflow.Tensor;
import dev.mlp.inference.tensorflow.TensorSpec;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PredictRequestReaderTest {
  private final PredictRequestReader reader = new PredictRequestReader();

  private static TensorSpec spec(String key, DataType type) {
    return new TensorSpec(key, key + ":0", type, Optional.empty(), List.of());
  }

  private static Signature signature(String name, TensorSpec... inputs) {
    return new Signature(name, "", List.of(inputs), List.of(spec("y", DataType.DT_FLOAT)));
  }

  private PredictRequest read(String body, Signature... signatures) {
    Map<String, Signature> byName =
        Arrays.stream(signatures).collect(Collectors.toMap(Signature::name, s -> s));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return reader.read(bytes, 0, bytes.length, name -> Optional.ofNullable(byName.get(name)));
  }

  private PredictRequest readOne(String body, DataType type) {
    return read(body, signature("serving_default", spec("x", type)));
  }

  private PredictRequest readTwo(String body) {
    return read(
        body,
        signature("serving_default", spec("a", DataType.DT_FLOAT), spec("b", DataType.DT_STRING)));
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[tensor.elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.floatAt(i);
    }
    return values;
  }

  @Test
  void readsRowsOfOneInput() {
    PredictRequest request = readOne("{\"instances\": [[1.0, 2], [3e0, -4.5]]}", DataType.DT_FLOAT);
    assertThat(request.format()).isEqualTo(Format.ROW);
    assertThat(request.inputs().getFirst().shape()).containsExactly(2, 2);
    assertThat(floats(request.inputs().getFirst())).containsExactly(1, 2, 3, -4.5f);
  }

  @Test
  void readsScalarRowsNamedOrNot() {
    for (String body :
        List.of(
            "{\"instances\":[1.0,2.0,5.0]}", "{\"instances\":[{\"x\":1},{\"x\":2},{\"x\":5}]}")) {
      Tensor x = readOne(body, DataType.DT_FLOAT).inputs().getFirst();
      assertThat(x.shape()).containsExactly(3);
      assertThat(floats(x)).containsExactly(1, 2, 5);
    }
  }

  @Test
  void readsRowsOfSeveralInputsInAnyOrderOfKeys() {
    PredictRequest request =
        readTwo("{\"instances\":[{\"a\":[1],\"b\":\"p\"},{\"b\":\"q\\u00e9\",\"a\":[2]}]}");
    assertThat(request.inputs().get(0).shape()).containsExactly(2, 1);
    assertThat(floats(request.inputs().get(0))).containsExactly(1, 2);
    assertThat(request.inputs().get(1).shape()).containsExactly(2);
    assertThat(request.inputs().get(1).stringAt(1)).isEqualTo("qé");
  }

  @Test
  void readsColumns() {
    PredictRequest one = readOne("{\"inputs\": [[1],[2],[3]]}", DataType.DT_FLOAT);
    assertThat(one.format()).isEqualTo(Format.COLUMNAR);
    assertThat(one.inputs().getFirst().shape()).containsExactly(3, 1);
    PredictRequest two = readTwo("{\"inputs\": {\"b\": [\"p\", \"q\"], \"more\": {}, \"a\": 7}}");
    assertThat(two.inputs().get(0).rank()).isZero();
    assertThat(two.inputs().get(0).floatAt(0)).isEqualTo(7);
    assertThat(two.inputs().get(1).shape()).containsExactly(2);
  }

  @Test
  void readsEmptyLists() {
    assertThat(readOne("{\"inputs\": []}", DataType.DT_FLOAT).inputs().getFirst().shape())
        .containsExactly(0);
    assertThat(readOne("{\"inputs\": [[],[]]}", DataType.DT_STRING).inputs().getFirst().shape())
        .containsExactly(2, 0);
    assertThat(readOne("{\"instances\": [[],[]]}", DataType.DT_INT8).inputs().getFirst().shape())
        .containsExactly(2, 0);
  }

  @Test
  void readsBase64() {
    Tensor rows =
        readOne("{\"instances\":[{\"b64\":\"aGVsbG8=\"},{\"b64\":\"\"}]}", DataType.DT_STRING)
            .inputs()
            .getFirst();
    assertThat(rows.stringAt(0)).isEqualTo("hello");
    assertThat(rows.stringAt(1)).isEmpty();
    Tensor named =
        readOne("{\"instances\":[{\"x\":{\"b64\":\"aGVsbG8=\"}}]}", DataType.DT_STRING)
            .inputs()
            .getFirst();
    assertThat(named.stringAt(0)).isEqualTo("hello");
    Tensor column =
        readOne("{\"inputs\":{\"b64\":\"aGVsbG8=\"}}", DataType.DT_STRING).inputs().getFirst();
    assertThat(column.rank()).isZero();
    assertThat(column.stringAt(0)).isEqualTo("hello");
  }

  @Test
  void readsWhatIsNotFinite() {
    Tensor x =
        readOne("{\"instances\":[NaN, -Infinity, Infinity]}", DataType.DT_FLOAT)
            .inputs()
            .getFirst();
    assertThat(floats(x))
        .containsExactly(Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
  }

  @ParameterizedTest
  @CsvSource({
    "DT_HALF,0.5,0.5",
    "DT_HALF,65504.0,65504",
    "DT_BFLOAT16,0.5,0.5",
    "DT_BFLOAT16,3.14159,3.140625",
    "DT_BFLOAT16,1.00390625,1"
  })
  void roundsToTheSmallFloats(DataType type, String text, float expected) {
    Tensor x = readOne("{\"instances\":[" + text + "]}", type).inputs().getFirst();
    assertThat(type == DataType.DT_HALF ? x.halfAt(0) : x.bfloat16At(0)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "DT_INT8,-128,127",
    "DT_UINT8,0,255",
    "DT_INT16,-32768,32767",
    "DT_UINT16,0,65535",
    "DT_INT32,-2147483648,2147483647",
    "DT_UINT32,0,4294967295",
    "DT_INT64,-9223372036854775808,9223372036854775807",
    "DT_UINT64,0,18446744073709551615"
  })
  void readsIntegersUpToTheirLimitsAndNoFurther(DataType type, String least, String most) {
    Tensor x = readOne("{\"instances\":[" + least + "," + most + "]}", type).inputs().getFirst();
    BigInteger low = new BigInteger(least);
    BigInteger high = new BigInteger(most);
    assertThat(integer(x, 0)).isEqualTo(low);
    assertThat(integer(x, 1)).isEqualTo(high);
    for (Object beyond :
        List.of(low.subtract(BigInteger.ONE), high.add(BigInteger.ONE), "1.5", "1e2")) {
      assertThatThrownBy(() -> readOne("{\"inputs\":[" + beyond + "]}", type))
          .hasMessageStartingWith("JSON Value: ")
          .hasMessageEndingWith(" Type: Number is not of expected type: " + type.shortName());
    }
  }

  private static BigInteger integer(Tensor x, int index) {
    return new BigInteger(
        switch (x.type()) {
          case DT_INT8 -> Byte.toString(x.byteAt(index));
          case DT_UINT8 -> Integer.toString(Byte.toUnsignedInt(x.byteAt(index)));
          case DT_INT16 -> Short.toString(x.shortAt(index));
          case DT_UINT16 -> Integer.toString(Short.toUnsignedInt(x.shortAt(index)));
          case DT_INT32 -> Integer.toString(x.intAt(index));
          case DT_UINT32 -> Integer.toUnsignedString(x.intAt(index));
          case DT_INT64 -> Long.toString(x.longAt(index));
          default -> Long.toUnsignedString(x.longAt(index));
        });
  }

  @Test
  void findsTheSignatureWhereverItsNameStands() {
    Signature floats = signature("serving_default", spec("x", DataType.DT_FLOAT));
    Signature strings = signature("text", spec("t", DataType.DT_STRING));
    for (String body :
        List.of(
            "{\"signature_name\":\"text\",\"instances\":[\"1\"]}",
            "{\"instances\":[\"1\"],\"signature_name\":\"text\"}",
            "{\"instances\":[{\"t\":\"1\"}],\"other\":[{}],\"signature_name\":\"text\"}")) {
      assertThat(read(body, floats, strings).signature()).isSameAs(strings);
    }
    // Behind the inputs, and the inputs fit the default one too.
    Signature more = signature("more", spec("z", DataType.DT_DOUBLE));
    PredictRequest request = read("{\"instances\":[1],\"signature_name\":\"more\"}", floats, more);
    assertThat(request.signature()).isSameAs(more);
    assertThat(request.inputs().getFirst().type()).isEqualTo(DataType.DT_DOUBLE);
    assertThat(read("{\"signature_name\":\"\",\"instances\":[1]}", floats).signature())
        .isSameAs(floats);
  }

  @Test
  void takesTheFirstOfRepeatedKeys() {
    Tensor x =
        readOne("{\"instances\":[1],\"instances\":[2,3]}", DataType.DT_FLOAT).inputs().getFirst();
    assertThat(floats(x)).containsExactly(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | JSON Parse error: The document is empty. at offset: 0",
        "{\"instances\":[1.0} | JSON Parse error: Missing a comma or ] after an array element. at offset: 17",
        "{\"instances\":[1]} x | JSON Parse error: The document root must not be followed by other values. at offset: 18",
        // bad JSON behind bad values: the JSON counts
        "{\"instances\":[\"a\"], | JSON Parse error: Missing a name for object member. at offset: 19",
        "3 | JSON Value: 3 Is not object",
        "{} | Missing 'inputs' or 'instances' key",
        "{\"examples\":[]} | Missing 'inputs' or 'instances' key",
        "{\"signature_name\":\"nope\",\"instances\":[1]} | Serving signature name: \"nope\" not found in signature def",
        "{\"instances\":[\"a\"],\"signature_name\":\"nope\"} | Serving signature name: \"nope\" not found in signature def",
        "{\"signature_name\":\"nope\"} | Serving signature name: \"nope\" not found in signature def",
        "{\"signature_name\":\"none\",\"instances\":[1]} | Failed to get input map for signature: none",
        "{\"instances\":[\"a\"]} | Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: \"a\" Type: String is not of expected type: float",
        "{\"instances\":[1,null]} | Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: null Type: Null is not of expected type: float",
        "{\"instances\":[true]} | Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: true Type: True is not of expected type: float",
        "{\"instances\":[{\"b64\":\"AA==\"}]} | `Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: {\n    \"b64\": \"AA==\"\n} Type: Object is not of expected type: float`",
        "{\"instances\":[16777217]} | Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: Cannot convert JSON value: 16777217 to float without loss of precision.",
        "{\"instances\":[1e39]} | Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: Cannot convert JSON value: 1e+39 to float without loss of precision.",
        "{\"instances\":[{\"z\":1}]} | Failed to process element: 0 key: z of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not have named input: z",
        "{\"instances\":[{}]} | Failed to process element: 0 of 'instances' list. JSON object: {} must only have keys: x",
        "{\"instances\":[{\"x\":1},2]} | Expecting object but got list at item 1 of input list",
        "{\"instances\":[1,{\"x\":1}]} | Expecting value/list but got object at item 1 of input list",
        "{\"instances\":[[1,2],[3]]} | Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: Expecting tensor size: 2 but got: 1",
        "{\"instances\":[[1,2],[[3],[4]]]} | Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: Expecting shape [2] but got: [2,1]",
        "{\"instances\":[[1,[2]]]} | Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: Encountered list at unexpected level: 1 expected < 1",
        "{\"instances\":[[[1],2]]} | Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2",
        "{\"inputs\":[[1,2],[3]]} | Encountered list at unexpected size: 1 at level: 1 expected size: 2",
        "{\"inputs\":{\"z\":1}} | Missing named input: x in 'inputs' object."
      })
  void refusesInTensorFlowServingsWords(String body, String message) {
    assertThatThrownBy(() ->
            read(
                body,
                signature("serving_default", spec("x", DataType.DT_FLOAT)),
                signature("none")))
        .hasMessage(message)
        .isInstanceOfSatisfying(
            StatusException.class,
            e -> assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT));
  }

  @Test
  void showsTheRequestWhereItsFormIsWrong() {
    assertThatThrownBy(() -> readOne("{\"instances\": 1}", DataType.DT_FLOAT))
        .hasMessage(
            "JSON Value: {\n    \"instances\": 1\n} Excepting 'instances' to be an list/array");
    assertThatThrownBy(() -> readOne("{\"instances\": []}", DataType.DT_FLOAT))
        .hasMessage("JSON Value: {\n    \"instances\": []\n} No values in 'instances' array");
    assertThatThrownBy(() -> readOne("{\"instances\":[1],\"inputs\":[1]}", DataType.DT_FLOAT))
        .hasMessageEndingWith(
            "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ");
    assertThatThrownBy(() -> readOne("{\"signature_name\":100}", DataType.DT_FLOAT))
        .hasMessageEndingWith(
            "not formatted correctly. 'signature_name' key must be a string value.");
    assertThatThrownBy(
            () -> readOne("{\"instances\":[1],\"signature_name\":[]}", DataType.DT_FLOAT))
        .hasMessageEndingWith("'signature_name' key must be a string value.");
  }

  @Test
  void cutsLongValuesInErrors() {
    String body = "{\"instances\":[{\"x\":1," + "\"y\":1,".repeat(10_000) + "\"z\":2}]}";
    assertThatThrownBy(() -> readOne(body.replace("\"x\":1,", ""), DataType.DT_FLOAT))
        .message()
        .hasSizeLessThan(2000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"instances\":[1]}", "{\"inputs\":[1]}"})
  void refusesPlainListsForSeveralInputs(String body) {
    assertThatThrownBy(() -> readTwo(body))
        .hasMessageContaining("as multiple input tensors required as per tensorinfo_map");
  }

  @Test
  void namesTheInputOfARowThatIsWrong() {
    assertThatThrownBy(() -> readTwo("{\"instances\":[{\"a\":1,\"b\":2}]}"))
        .hasMessage(
            "Failed to process element: 0 key: b of 'instances' list. Error: INVALID_ARGUMENT: JSON"
                + " Value: 2 Type: Number is not of expected type: string");
    assertThatThrownBy(() -> readTwo("{\"instances\":[{\"a\":1}]}"))
        .hasMessageContaining("must only have keys: a,b");
    assertThatThrownBy(() -> readTwo("{\"instances\":[{\"a\":1,\"b\":\"\",\"a\":2}]}"))
        .hasMessageContaining("has twice the named input: a");
    assertThatThrownBy(() -> readTwo("{\"instances\":[{\"a\":1,\"b\":{\"b64\":\"*\"}}]}"))
        .hasMessageContaining("Unable to base64 decode");
    assertThatThrownBy(() -> readTwo("{\"instances\":[{\"a\":1,\"b\":{\"c\":1}}]}"))
        .hasMessageContaining("not formatted correctly for base64 data");
  }

  @Test
  void refusesTypesThatJsonCannotCarry() {
    assertThatThrownBy(() -> readOne("{\"inputs\":[1]}", DataType.DT_COMPLEX64))
        .hasMessage("Conversion of JSON Value: 1 to type: complex64")
        .isInstanceOfSatisfying(
            StatusException.class, e -> assertThat(e.code()).isEqualTo(StatusCode.UNIMPLEMENTED));
  }

  @Test
  void isNotSpoiledByAnError() {
    assertThatThrownBy(() -> readOne("{\"instances\":[[[1,\"a\"]]]}", DataType.DT_FLOAT))
        .isInstanceOf(StatusException.class);
    Tensor x = readOne("{\"instances\":[4,5]}", DataType.DT_FLOAT).inputs().getFirst();
    assertThat(floats(x)).containsExactly(4, 5);
  }
}
