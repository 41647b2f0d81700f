package dev.mlp.controlplane.container.local;

import dev.mlp.controlplane.container.Input;
import java.nio.file.Path;

/**
 * An input that is on this machine.
 *
 * @param tree the folder with its content, which others use too: nobody may change it
 */
public record StagedInput(Input input, Path tree) {}
