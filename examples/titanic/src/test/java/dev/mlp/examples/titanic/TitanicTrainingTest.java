package dev.mlp.examples.titanic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlp.training.job.Metric;
import dev.mlp.training.job.TrainingJob;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

class TitanicTrainingTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;

  private record Outcome(int exit, String log, Path folder) {
    JsonNode metrics() throws IOException {
      return JSON.readTree(folder.resolve("output/data/metrics.json").toFile());
    }

    String failure() throws IOException {
      return Files.readString(folder.resolve("output/failure"));
    }

    double lastMetric(String name) {
      Matcher matcher = Pattern.compile(Metric.regex(name)).matcher("");
      double last = Double.NaN;
      for (String line : log.lines().toList()) {
        if (matcher.reset(line).find()) {
          last = Double.parseDouble(matcher.group(1));
        }
      }
      return last;
    }
  }

  @Test
  void learnsWhatTheColumnsSay() throws IOException {
    Outcome outcome = train("a", people(400), "{\"epochs\":30}");

    assertThat(outcome.log()).doesNotContain("Exception");
    assertThat(outcome.exit()).isZero();
    assertThat(outcome.metrics().get("auc").doubleValue()).isGreaterThan(0.95);
    assertThat(outcome.metrics().get("accuracy").doubleValue()).isGreaterThan(0.88);
  }

  @Test
  void logsItsMetricsAsItReportsThem() throws IOException {
    Outcome outcome = train("a", people(200), "{\"epochs\":4}");

    JsonNode metrics = outcome.metrics();
    assertThat(outcome.lastMetric("test:auc")).isEqualTo(metrics.get("auc").doubleValue());
    assertThat(outcome.lastMetric("test:accuracy"))
        .isEqualTo(metrics.get("accuracy").doubleValue());
    assertThat(outcome.lastMetric("validation:auc"))
        .isEqualTo(metrics.get("validationAuc").doubleValue());
    assertThat(outcome.lastMetric("threshold"))
        .isCloseTo(metrics.get("threshold").doubleValue(), within(1e-7));
    assertThat(outcome.lastMetric("train:loss")).isPositive();
    assertThat(outcome.log().lines().filter(line -> line.startsWith("epoch "))).hasSize(4);
  }

  @Test
  void saysWhichColumnsItTakesAndWhyNotTheOthers() throws IOException {
    Outcome outcome = train("a", people(200), "{\"epochs\":2}");

    assertThat(outcome.log())
        .contains("column Sex: categorical, 2 values")
        .containsPattern("column Age: numeric, \\d+ missing")
        .contains("column PassengerId: left out, an identifier")
        .contains("column Name: left out, free text or an identifier: 200 different values");
    assertThat(outcome.metrics().get("leftOut")).hasSize(2);
    assertThat(outcome.metrics().get("inputs").findValuesAsText("name"))
        .containsExactly("Sex", "Age", "Pclass", "Port");
  }

  @Test
  void theModelTakesRawColumnsOneScalarPerRow() throws IOException {
    Outcome outcome = train("a", people(200), "{\"epochs\":2}");

    SavedModel model =
        SavedModel.parseFrom(
            Files.readAllBytes(outcome.folder().resolve("model/1/saved_model.pb")));
    SignatureDef signature = model.getMetaGraphs(0).getSignatureDefOrThrow("serving_default");
    Map<String, DataType> inputs = new TreeMap<>();
    signature.getInputsMap().forEach((name, info) -> inputs.put(name, info.getDtype()));
    assertThat(inputs)
        .isEqualTo(
            Map.of(
                "Sex", DataType.DT_STRING,
                "Age", DataType.DT_FLOAT,
                "Pclass", DataType.DT_FLOAT,
                "Port", DataType.DT_STRING));
    assertThat(signature.getOutputsOrThrow("probability").getDtype()).isEqualTo(DataType.DT_FLOAT);
    assertThat(signature.getOutputsOrThrow("survived").getDtype()).isEqualTo(DataType.DT_INT64);
    assertThat(signature.getMethodName()).isEqualTo("tensorflow/serving/predict");
    for (TensorInfo info : signature.getInputsMap().values()) {
      assertThat(info.getTensorShape().getDimList())
          .singleElement()
          .satisfies(dimension -> assertThat(dimension.getSize()).isEqualTo(-1));
    }
    assertThat(model.getMetaGraphs(0).getGraphDef().getNodeList())
        .as("nothing of the training is left")
        .noneMatch(node -> node.getName().contains("adam"));
  }

  @Test
  void theExportedModelAnswersAsTheTrainedOneDid() throws IOException {
    Dataset data = dataset(people(300));
    Run run = Run.of(data, settings("{\"epochs\":5}"), 0, (_, _, _) -> {});
    run.model().export(directory.resolve("m"));

    try (SavedModelBundle model = SavedModelBundle.load(directory.resolve("m").toString())) {
      Map<String, Tensor> inputs = new TreeMap<>();
      for (Feature feature : data.features()) {
        inputs.put(
            feature.name(),
            switch (feature) {
              case Feature.Numeric numeric -> Tensors.of(numeric.values(), numeric.values().length);
              case Feature.Categorical categorical -> Tensors.of(categorical.values());
            });
      }
      try (Result result = model.function("serving_default").call(inputs)) {
        TFloat32 probability = (TFloat32) result.get("probability").orElseThrow();
        TInt64 survived = (TInt64) result.get("survived").orElseThrow();
        assertThat(probability.shape()).isEqualTo(Shape.of(data.rows()));
        assertThat(Tensors.floats(probability)).isEqualTo(run.probabilities());
        for (int i = 0; i < data.rows(); i++) {
          assertThat(survived.getLong(i))
              .isEqualTo(run.probabilities()[i] >= run.model().threshold() ? 1 : 0);
        }
      } finally {
        inputs.values().forEach(Tensor::close);
      }
    }
  }

  @Test
  void theExportedModelTakesMissingAndUnknownValues() throws IOException {
    Dataset data = dataset(people(300));
    Run.of(data, settings("{\"epochs\":5}"), 0, (_, _, _) -> {})
        .model()
        .export(directory.resolve("m"));

    try (SavedModelBundle model = SavedModelBundle.load(directory.resolve("m").toString());
        Tensor sex = Tensors.of(List.of("", "robot", "female"));
        Tensor port = Tensors.of(List.of("", "Mars", "S"));
        Tensor age = Tensors.of(new float[] {Float.NaN, 1e30f, 30}, 3);
        Tensor pclass = Tensors.of(new float[] {Float.NaN, 17, 1}, 3);
        Result result =
            model
                .function("serving_default")
                .call(Map.of("Sex", sex, "Port", port, "Age", age, "Pclass", pclass))) {
      float[] probabilities = Tensors.floats((TFloat32) result.get("probability").orElseThrow());

      for (float probability : probabilities) {
        assertThat(probability).isBetween(0f, 1f);
      }
      assertThat(probabilities[2]).isGreaterThan(0.5f);
    }
  }

  @Test
  void twoRunsWriteTheSameFiles() throws IOException {
    Outcome first = train("a", people(200), "{\"epochs\":3,\"splits\":3}");
    Outcome second = train("b", people(200), "{\"epochs\":3,\"splits\":3}");

    assertThat(second.log()).isEqualTo(first.log());
    assertThat(contents(second.folder())).isEqualTo(contents(first.folder()));
    assertThat(contents(first.folder()).keySet())
        .containsExactly(
            "model/1/saved_model.pb",
            "model/1/variables/variables.data-00000-of-00001",
            "model/1/variables/variables.index",
            "output/data/metrics.json",
            "output/data/predictions.png",
            "output/data/roc.png");
  }

  @Test
  void anotherSeedGivesAnotherModel() throws IOException {
    Outcome first = train("a", people(200), "{\"epochs\":2}");
    Outcome second = train("b", people(200), "{\"epochs\":2,\"seed\":2}");

    assertThat(second.metrics().get("threshold")).isNotEqualTo(first.metrics().get("threshold"));
  }

  @Test
  void severalSplitsAreSummedUpAndTheFirstIsExported() throws IOException {
    Outcome one = train("a", people(200), "{\"epochs\":3}");
    Outcome three = train("b", people(200), "{\"epochs\":3,\"splits\":3}");

    JsonNode metrics = three.metrics();
    List<Double> aucs =
        metrics.get("splits").findValues("auc").stream().map(JsonNode::doubleValue).toList();
    assertThat(aucs).hasSize(3);
    double mean = (aucs.get(0) + aucs.get(1) + aucs.get(2)) / 3;
    assertThat(metrics.get("aucMean").doubleValue()).isCloseTo(mean, within(1e-12));
    double squares = aucs.stream().mapToDouble(auc -> (auc - mean) * (auc - mean)).sum();
    assertThat(metrics.get("aucStd").doubleValue())
        .isCloseTo(Math.sqrt(squares / 2), within(1e-12));
    assertThat(metrics.has("accuracyMean")).isTrue();
    assertThat(metrics.has("accuracyStd")).isTrue();
    assertThat(three.lastMetric("test:auc-mean")).isEqualTo(metrics.get("aucMean").doubleValue());
    assertThat(one.metrics().has("aucMean")).isFalse();
    assertThat(metrics.get("auc")).isEqualTo(one.metrics().get("auc"));
    assertThat(contents(three.folder().resolve("model")))
        .isEqualTo(contents(one.folder().resolve("model")));
  }

  @Test
  void drawsTwoPictures() throws IOException {
    Outcome outcome = train("a", people(200), "{\"epochs\":2}");

    for (String name : List.of("roc.png", "predictions.png")) {
      assertThat(
              ImageIO.read(outcome.folder().resolve("output/data").resolve(name).toFile())
                  .getWidth())
          .isEqualTo(960);
    }
  }

  @Test
  void trainsOnThePeopleOfTheBritishInquiry() throws IOException {
    Path table = Path.of("data", "british-inquiry-1912.csv");
    Outcome outcome = train("a", Files.readString(table), "{\"weight\":\"Count\",\"epochs\":20}");

    assertThat(outcome.exit()).isZero();
    assertThat(outcome.log()).contains("2201 examples, 711 of them with label 1");
    // Sex and class alone order the people this well; nobody can do much better on 14 groups.
    assertThat(outcome.metrics().get("auc").doubleValue()).isBetween(0.70, 0.85);
    assertThat(outcome.metrics().get("accuracy").doubleValue()).isGreaterThan(0.70);
  }

  @Test
  void badInputFailsWithAReasonAndNoModel() throws IOException {
    assertFailure("", "{}", "data.csv is empty: expected a header line and rows");
    assertFailure(
        "x,y\n1,1\n", "{}", "data.csv has no label column 'Survived': its columns are x, y");
    assertFailure(
        people(50).replaceFirst(",[01]\n", ",2\n"),
        "{}",
        "data.csv, line 2: the label Survived is '2': expected 0 or 1");
    assertFailure(
        people(50).replaceAll(",1\n", ",0\n"), "{}", "0 of 50 rows have the label 1: too few for");
    assertFailure(people(50), "{\"epoch\":3}", "unknown hyperparameter epoch: expected some of");
    assertFailure(
        people(50), "{\"epochs\":\"many\"}", "hyperparameter 'epochs' is 'many': expected");
    assertFailure(
        "Survived,Name\n0,a\n1,b\n0,c\n",
        "{}",
        "no column is of use as a feature; Name: free text");
  }

  @Test
  void namesTheFilesOfAChannelWithoutOneCsvFile() throws IOException {
    Path channel = Files.createDirectories(directory.resolve("several"));
    assertThat(run("e", channel, "{}").failure())
        .isEqualTo("channel 'train' has to hold one CSV file, and holds none");
    Files.writeString(channel.resolve("a.csv"), "x");
    Files.writeString(channel.resolve("b.csv"), "x");
    assertThat(run("e", channel, "{}").failure())
        .isEqualTo("channel 'train' has to hold one CSV file, and holds a.csv, b.csv");
  }

  private void assertFailure(String csv, String hyperparameters, String reason) throws IOException {
    Outcome outcome = train("f", csv, hyperparameters);

    assertThat(outcome.log()).contains("Training failed: " + reason);
    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.failure()).startsWith(reason);
    assertThat(outcome.folder().resolve("model")).doesNotExist();
  }

  private Outcome train(String name, String csv, String hyperparameters) throws IOException {
    Path channel = Files.createDirectories(directory.resolve("channel-" + name));
    Files.writeString(channel.resolve("data.csv"), csv);
    return run(name, channel, hyperparameters);
  }

  private Outcome run(String name, Path channel, String hyperparameters) {
    Path folder = directory.resolve(name);
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    int exit =
        TrainingJob.run(
            TitanicTraining::train,
            Map.of(
                "SAGEMAKER_BASE_DIR", folder.toString(),
                "SM_CHANNEL_TRAIN", channel.toString(),
                "SM_HPS", hyperparameters),
            new PrintStream(log, true, StandardCharsets.UTF_8));
    return new Outcome(exit, log.toString(StandardCharsets.UTF_8), folder);
  }

  private static Map<String, List<Byte>> contents(Path folder) throws IOException {
    Map<String, List<Byte>> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        List<Byte> bytes = new ArrayList<>();
        for (byte value : Files.readAllBytes(file)) {
          bytes.add(value);
        }
        contents.put(folder.relativize(file).toString(), bytes);
      }
    }
    return contents;
  }

  private static Dataset dataset(String csv) {
    return Dataset.of(
        Table.of(CsvFile.parse("a.csv", csv), "Survived", java.util.Optional.empty()));
  }

  private static Settings settings(String hyperparameters) {
    return Settings.of(TrainingJob.from(Map.of("SM_HPS", hyperparameters), System.out));
  }

  /** People of whom the women of the first two classes and the children survive, nearly always. */
  private static String people(int count) {
    Random random = new Random(17);
    StringBuilder csv = new StringBuilder("PassengerId,Name,Sex,Age,Pclass,Port,Survived\n");
    for (int i = 1; i <= count; i++) {
      boolean female = random.nextBoolean();
      int age = random.nextInt(70);
      int pclass = 1 + random.nextInt(3);
      boolean survived = (age < 12 || (female && pclass < 3)) != (random.nextInt(40) == 0);
      csv.append(i)
          .append(",\"Person, no. ")
          .append(i)
          .append("\",")
          .append(female ? "female" : "male")
          .append(',')
          .append(random.nextInt(8) == 0 && age > 12 ? "" : age)
          .append(',')
          .append(pclass)
          .append(',')
          .append(List.of("S", "C", "").get(random.nextInt(3)))
          .append(',')
          .append(survived ? 1 : 0)
          .append('\n');
    }
    return csv.toString();
  }
}
