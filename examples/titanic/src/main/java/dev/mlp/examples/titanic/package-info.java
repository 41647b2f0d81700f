/**
 * A training program for any CSV file with a 0/1 label: a small neural network on tensorflow-java,
 * exported with all of its preprocessing. Start at {@link
 * dev.mlp.examples.titanic.TitanicTraining}.
 */
@NullMarked
package dev.mlp.examples.titanic;

import org.jspecify.annotations.NullMarked;
