package dev.mlp.examples.titanic;

import java.util.List;

/**
 * One training on one split, and what came of it.
 *
 * @param model chosen threshold included
 * @param probabilities of all rows of the data set
 */
@SuppressWarnings(
    "ArrayRecordComponent") // plain numbers, many of them, which nobody compares or changes
record Run(
    Split split,
    ServingModel model,
    float[] probabilities,
    Evaluation validation,
    Evaluation test) {

  /**
   * @param index of the split in the series of the settings' seed
   */
  static Run of(Dataset data, Settings settings, int index, Trainer.Progress progress) {
    Split split =
        Split.of(
            data.labels(),
            settings.validationFraction(),
            settings.testFraction(),
            settings.seed(),
            index);
    List<Encoding> encodings =
        data.features().stream().map(feature -> Encoding.fit(feature, split.train())).toList();
    Examples all = RawInputs.encode(encodings, data);
    long seed = settings.seed() + index;
    Weights weights =
        new Trainer(settings)
            .train(all.select(split.train()), all.select(split.validation()), seed, progress);
    float[] probabilities = Network.predict(weights, all);
    float[] validation = select(probabilities, split.validation());
    int[] validationLabels = all.select(split.validation()).labels();
    float threshold =
        Roc.bestThreshold(validation, validationLabels, settings.thresholdResamples(), seed);
    return new Run(
        split,
        new ServingModel(encodings, weights, threshold),
        probabilities,
        Evaluation.of(validation, validationLabels, threshold),
        Evaluation.of(
            select(probabilities, split.test()), all.select(split.test()).labels(), threshold));
  }

  static float[] select(float[] values, int[] rows) {
    float[] selected = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      selected[i] = values[rows[i]];
    }
    return selected;
  }
}
