package dev.mlp.controlplane.training;

import java.time.Duration;
import java.util.List;

/** What is to be done for a training job next. */
sealed interface TrainingJobAction {
  /** Nothing, until something changes. */
  record Rest() implements TrainingJobAction {}

  /** Ask for memory and GPUs, or for the place in the queue. */
  record Reserve() implements TrainingJobAction {}

  /** Hand the instances to the runtime. */
  record Start() implements TrainingJobAction {}

  /** Tell the runtime to end what still runs, then become. */
  record Stop(Duration grace, Become then) implements TrainingJobAction {}

  /**
   * Take a new state.
   *
   * @param transitions the phases on the way there, oldest first; empty where the phase stays and
   *     its message too
   */
  record Become(TrainingJobState state, List<Transition> transitions) implements TrainingJobAction {
    public Become {
      transitions = List.copyOf(transitions);
    }
  }

  /** It has ended: give back what it had. */
  record Settle() implements TrainingJobAction {}
}
