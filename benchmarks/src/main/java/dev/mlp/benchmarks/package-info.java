/** Benchmarks: what is measured and its baseline alternate in one run, and ratios are reported. */
@NullMarked
package dev.mlp.benchmarks;

import org.jspecify.annotations.NullMarked;
