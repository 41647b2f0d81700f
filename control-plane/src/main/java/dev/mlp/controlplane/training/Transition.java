package dev.mlp.controlplane.training;

import java.time.Instant;

/**
 * A phase that began.
 *
 * @param message for people, as {@code StatusMessage}
 */
record Transition(TrainingPhase phase, String message, Instant at) {}
