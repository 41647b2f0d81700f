/**
 * What a training container is promised: the files below {@code /opt/ml}, the {@code SM_*}
 * variables, the arguments of the program and the words of its failure file, as pure functions.
 *
 * <p>The platform writes the inputs with {@link dev.mlp.training.contract.ConfigFiles}; the entry
 * point reads them with {@link dev.mlp.training.contract.TrainingInputs} and derives the rest. The
 * values are those of SageMaker's training toolkit, down to the way Python prints a number, because
 * programs written for it parse them. Nothing here starts a process, and only the two classes named
 * touch the disk.
 */
@NullMarked
package dev.mlp.training.contract;

import org.jspecify.annotations.NullMarked;
