/**
 * What a training program in Java needs from the platform: its hyperparameters, where its data
 * lies, where its model goes, and a form for its metrics. Start at {@link
 * dev.mlp.training.job.TrainingJob}.
 */
@NullMarked
package dev.mlp.training.job;

import org.jspecify.annotations.NullMarked;
