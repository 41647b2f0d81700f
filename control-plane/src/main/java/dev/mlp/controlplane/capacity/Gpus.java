package dev.mlp.controlplane.capacity;

import java.util.List;

/** Finds the machine's GPUs. */
@FunctionalInterface
public interface Gpus {
  /** In the driver's order; empty where there are none, or where they cannot be used. May block. */
  List<Gpu> present();
}
