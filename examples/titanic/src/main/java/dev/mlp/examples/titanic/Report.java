package dev.mlp.examples.titanic;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The figures of a job: of the first split, whose model is exported, and over all splits. */
record Report(
    Dataset data, Settings settings, List<Run> runs, Statistics auc, Statistics accuracy) {

  /**
   * @param deviation the sample's standard deviation, 0 for a single value
   */
  record Statistics(double mean, double deviation) {

    static Statistics of(List<Run> runs, ToDoubleFunction<Run> figure) {
      double mean = runs.stream().mapToDouble(figure).average().orElseThrow();
      double squares = 0;
      for (Run run : runs) {
        double difference = figure.applyAsDouble(run) - mean;
        squares += difference * difference;
      }
      return new Statistics(mean, runs.size() < 2 ? 0 : Math.sqrt(squares / (runs.size() - 1)));
    }
  }

  Report {
    runs = List.copyOf(runs);
  }

  static Report of(Dataset data, Settings settings, List<Run> runs) {
    return new Report(
        data,
        settings,
        runs,
        Statistics.of(runs, run -> run.test().auc()),
        Statistics.of(runs, run -> run.test().accuracy()));
  }

  Run first() {
    return runs.getFirst();
  }

  /** Writes {@code metrics.json}; the README describes it. */
  void write(Path file) throws IOException {
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
    try (OutputStream out = Files.newOutputStream(file);
        JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.setPrettyPrinter(printer);
      json.writeStartObject();
      writeFirst(json);
      if (runs.size() > 1) {
        json.writeNumberField("aucMean", auc.mean());
        json.writeNumberField("aucStd", auc.deviation());
        json.writeNumberField("accuracyMean", accuracy.mean());
        json.writeNumberField("accuracyStd", accuracy.deviation());
      }
      writeRuns(json);
      writeColumns(json);
      json.writeEndObject();
    }
  }

  private void writeFirst(JsonGenerator json) throws IOException {
    Run first = first();
    json.writeNumberField("auc", first.test().auc());
    json.writeNumberField("accuracy", first.test().accuracy());
    json.writeNumberField("threshold", first.model().threshold());
    json.writeNumberField("validationAuc", first.validation().auc());
    json.writeNumberField("validationAccuracy", first.validation().accuracy());
    json.writeNumberField("seed", settings.seed());
    json.writeObjectFieldStart("rows");
    json.writeNumberField("train", first.split().train().length);
    json.writeNumberField("validation", first.split().validation().length);
    json.writeNumberField("test", first.split().test().length);
    json.writeEndObject();
  }

  private void writeRuns(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("splits");
    for (Run run : runs) {
      json.writeStartObject();
      json.writeNumberField("auc", run.test().auc());
      json.writeNumberField("accuracy", run.test().accuracy());
      json.writeNumberField("threshold", run.model().threshold());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void writeColumns(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("inputs");
    for (Feature feature : data.features()) {
      json.writeStartObject();
      json.writeStringField("name", feature.name());
      json.writeStringField(
          "kind",
          switch (feature) {
            case Feature.Numeric _ -> "numeric";
            case Feature.Categorical _ -> "categorical";
          });
      json.writeNumberField("missing", feature.missing());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("leftOut");
    for (Dataset.Dropped dropped : data.dropped()) {
      json.writeStartObject();
      json.writeStringField("name", dropped.name());
      json.writeStringField("reason", dropped.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
