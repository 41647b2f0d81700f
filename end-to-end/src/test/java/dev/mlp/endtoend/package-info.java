/** Tests of the whole: the launcher, real servers in processes of their own, real clients. */
@NullMarked
package dev.mlp.endtoend;

import org.jspecify.annotations.NullMarked;
