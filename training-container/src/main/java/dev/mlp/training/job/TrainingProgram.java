package dev.mlp.training.job;

/** The training itself: reads the channels, writes the model. */
@FunctionalInterface
public interface TrainingProgram {

  /**
   * @throws TrainingFailure if the user can mend what went wrong; its message is the whole story
   * @throws Exception if anything else went wrong; the job's log shows its stack trace
   */
  void train(TrainingJob job) throws Exception;
}
