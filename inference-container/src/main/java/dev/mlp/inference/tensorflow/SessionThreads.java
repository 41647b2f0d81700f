package dev.mlp.inference.tensorflow;

/**
 * TensorFlow's thread pools for one model.
 *
 * @param interOp threads that run operations side by side; 0: one per core; -1: the calling thread
 *     runs them, which doubles the throughput of small models
 * @param intraOp threads within one operation; 0: one per core
 */
public record SessionThreads(int interOp, int intraOp) {
  /** Requests are the parallelism: each runs on the thread that serves it. */
  public static final SessionThreads CALLER_RUNS = new SessionThreads(-1, 1);
}
