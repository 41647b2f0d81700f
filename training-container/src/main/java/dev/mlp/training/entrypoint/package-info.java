/**
 * The program that a training container runs: {@code Main train} reads the three config files, runs
 * the user's program with the variables and arguments of {@code dev.mlp.training.contract}, and
 * leaves a {@code success} or a {@code failure} file.
 *
 * <p>A JVM starts this for every job, on the way to the first line of the user's program. So there
 * is no logging framework here, no JSON library, and on the common path no lambda, stream or
 * regular expression: each would cost its bootstrap.
 */
@NullMarked
package dev.mlp.training.entrypoint;

import org.jspecify.annotations.NullMarked;
