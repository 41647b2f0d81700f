package dev.mlp.examples.titanic;

import dev.mlp.training.job.Metric;
import dev.mlp.training.job.TrainingFailure;
import dev.mlp.training.job.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The training program: reads the CSV file of channel {@code train}, trains, chooses a threshold,
 * measures on unseen rows, and writes the model, the figures and two pictures.
 */
public final class TitanicTraining {

  private final TrainingJob job;
  private final Settings settings;

  private TitanicTraining(TrainingJob job) {
    this.job = job;
    this.settings = Settings.of(job);
  }

  public static void main(String[] args) {
    System.exit(TrainingJob.run(TitanicTraining::train));
  }

  /**
   * @throws TrainingFailure if a hyperparameter or the data cannot be used
   */
  static void train(TrainingJob job) throws IOException {
    TensorFlowRuntime.prepare();
    new TitanicTraining(job).train();
  }

  private void train() throws IOException {
    CsvFile csv = CsvFile.read(dataFile(job.channel("train")));
    Dataset data = Dataset.of(Table.of(csv, settings.label(), settings.weight()));
    describe(csv, data);
    List<Run> runs = new ArrayList<>();
    for (int index = 0; index < settings.splits(); index++) {
      runs.add(run(data, index));
    }
    Run first = runs.getFirst();
    first.model().export(job.modelDirectory().resolve("1"));
    Report report = Report.of(data, settings, runs);
    log(report);
    report.write(job.outputDataDirectory().resolve("metrics.json"));
    draw(data, first);
  }

  private static Path dataFile(Path channel) throws IOException {
    if (Files.isRegularFile(channel)) {
      return channel;
    }
    try (Stream<Path> found = Files.list(channel)) {
      List<Path> files = found.filter(Files::isRegularFile).sorted().toList();
      List<Path> csv =
          files.size() == 1
              ? files
              : files.stream().filter(file -> file.toString().endsWith(".csv")).toList();
      if (csv.size() != 1) {
        throw new TrainingFailure(
            "channel 'train' has to hold one CSV file, and holds "
                + (files.isEmpty()
                    ? "none"
                    : String.join(
                        ", ", files.stream().map(file -> file.getFileName().toString()).toList())));
      }
      return csv.getFirst();
    }
  }

  private void describe(CsvFile csv, Dataset data) {
    job.log(
        "%s: %d examples, %d of them with label 1"
            .formatted(csv.name(), data.rows(), data.positives()));
    for (Feature feature : data.features()) {
      String kind =
          switch (feature) {
            case Feature.Numeric _ -> "numeric";
            case Feature.Categorical categorical ->
                "categorical, %d values".formatted(categorical.distinct());
          };
      job.log(
          "column %s: %s%s"
              .formatted(
                  feature.name(),
                  kind,
                  feature.missing() == 0 ? "" : ", " + feature.missing() + " missing"));
    }
    for (Dataset.Dropped dropped : data.dropped()) {
      job.log("column %s: left out, %s".formatted(dropped.name(), dropped.reason()));
    }
  }

  /** The first run shows its epochs, further ones only their result. */
  private Run run(Dataset data, int index) {
    if (index > 0) {
      Run run = Run.of(data, settings, index, (_, _, _) -> {});
      job.log(line(index, run));
      return run;
    }
    Trainer.Progress progress =
        (epoch, loss, validation) ->
            job.metrics(
                "epoch %d/%d".formatted(epoch, settings.epochs()),
                new Metric("train:loss", loss),
                new Metric("validation:auc", validation.area()));
    Run run = Run.of(data, settings, 0, progress);
    if (settings.splits() > 1) {
      job.log(line(0, run));
    }
    return run;
  }

  private String line(int index, Run run) {
    return String.format(
        Locale.ROOT,
        "split %d/%d: AUC %.4f, accuracy %.4f, threshold %.4f",
        index + 1,
        settings.splits(),
        run.test().auc(),
        run.test().accuracy(),
        run.model().threshold());
  }

  private void log(Report report) {
    Run first = report.first();
    job.metric("validation:auc", first.validation().auc());
    job.metric("threshold", first.model().threshold());
    job.metric("test:auc", first.test().auc());
    job.metric("test:accuracy", first.test().accuracy());
    if (settings.splits() > 1) {
      job.metric("test:auc-mean", report.auc().mean());
      job.metric("test:auc-std", report.auc().deviation());
      job.metric("test:accuracy-mean", report.accuracy().mean());
      job.metric("test:accuracy-std", report.accuracy().deviation());
    }
  }

  private void draw(Dataset data, Run run) throws IOException {
    Path directory = job.outputDataDirectory();
    Lettering lettering = Lettering.ofThisMachine();
    if (!lettering.present()) {
      job.log("The pictures have no lettering: this machine has no fonts");
    }
    Pictures.roc(run, lettering).write(directory.resolve("roc.png"));
    Pictures.histogram(run, data.labels(), lettering).write(directory.resolve("predictions.png"));
  }
}
