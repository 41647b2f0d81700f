package dev.mlp.examples.titanic;

import dev.mlp.training.job.TrainingFailure;
import dev.mlp.training.job.TrainingJob;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The hyperparameters; the README explains them. */
record Settings(
    String label,
    Optional<String> weight,
    int epochs,
    int batchSize,
    double learningRate,
    int hidden,
    double l2,
    long seed,
    double validationFraction,
    double testFraction,
    int thresholdResamples,
    int splits) {

  private static final Set<String> KNOWN =
      Set.of(
          "label",
          "weight",
          "epochs",
          "batch-size",
          "learning-rate",
          "hidden",
          "l2",
          "seed",
          "validation-fraction",
          "test-fraction",
          "threshold-resamples",
          "splits");

  /** What SDKs add on their own account. */
  private static final Set<String> IGNORED = Set.of("model_dir");

  /**
   * @throws TrainingFailure if a hyperparameter is unknown or out of range
   */
  static Settings of(TrainingJob job) {
    Set<String> unknown = new TreeSet<>(job.hyperparameterNames());
    unknown.removeAll(KNOWN);
    unknown.removeAll(IGNORED);
    if (!unknown.isEmpty()) {
      throw new TrainingFailure(
          "unknown hyperparameter %s: expected some of %s"
              .formatted(String.join(", ", unknown), String.join(", ", new TreeSet<>(KNOWN))));
    }
    Settings settings =
        new Settings(
            job.hyperparameter("label", "Survived"),
            job.hyperparameter("weight"),
            atLeast("epochs", job.hyperparameter("epochs", 60), 1),
            atLeast("batch-size", job.hyperparameter("batch-size", 64), 1),
            within("learning-rate", job.hyperparameter("learning-rate", 0.005), 1e-9, 10),
            atLeast("hidden", job.hyperparameter("hidden", 32), 1),
            within("l2", job.hyperparameter("l2", 0.005), 0, 10),
            job.hyperparameter("seed", 1L),
            within(
                "validation-fraction", job.hyperparameter("validation-fraction", 0.2), 0.01, 0.9),
            within("test-fraction", job.hyperparameter("test-fraction", 0.2), 0.01, 0.9),
            atLeast("threshold-resamples", job.hyperparameter("threshold-resamples", 0), 0),
            atLeast("splits", job.hyperparameter("splits", 1), 1));
    if (settings.validationFraction + settings.testFraction > 0.95) {
      throw new TrainingFailure(
          "validation-fraction %s and test-fraction %s leave too little to train on: expected 0.95 together at most"
              .formatted(settings.validationFraction, settings.testFraction));
    }
    return settings;
  }

  private static int atLeast(String name, int value, int least) {
    if (value < least) {
      throw new TrainingFailure(
          "hyperparameter '%s' is %d: expected at least %d".formatted(name, value, least));
    }
    return value;
  }

  private static double within(String name, double value, double least, double most) {
    if (value < least || value > most) {
      throw new TrainingFailure(
          "hyperparameter '%s' is %s: expected %s to %s".formatted(name, value, least, most));
    }
    return value;
  }
}
