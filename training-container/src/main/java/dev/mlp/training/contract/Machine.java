package dev.mlp.training.contract;

/** What a program may compute with: processors and graphics cards it can see. */
public record Machine(int processors, int gpus) {}
