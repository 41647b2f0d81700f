/**
 * The command {@code mlp}: training, serving and looking after a platform from a terminal or a
 * script.
 */
@NullMarked
package dev.mlp.cli;

import org.jspecify.annotations.NullMarked;
