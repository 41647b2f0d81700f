package dev.mlp.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Closed-loop load over a few connections. */
final class Load {
  private final String host;
  private final int port;
  private final byte[] request;

  Load(String host, int port, byte[] request) {
    this.host = host;
    this.port = port;
    this.request = request.clone();
  }

  /** Median time of one exchange in µs, one connection. */
  double medianMicros(int exchanges) throws IOException {
    double[] micros = new double[exchanges];
    try (RawHttp connection = new RawHttp(host, port, request)) {
      for (int i = 0; i < exchanges; i++) {
        long start = System.nanoTime();
        connection.exchange();
        micros[i] = (System.nanoTime() - start) / 1e3;
      }
    }
    Arrays.sort(micros);
    return micros[exchanges / 2];
  }

  /** Exchanges per second over all connections. */
  double perSecond(int connections, Duration time) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Callable<Integer>> loops = new ArrayList<>();
      long end = System.nanoTime() + time.toNanos();
      for (int i = 0; i < connections; i++) {
        loops.add(() -> {
          int count = 0;
          try (RawHttp connection = new RawHttp(host, port, request)) {
            while (System.nanoTime() < end) {
              connection.exchange();
              count++;
            }
          }
          return count;
        });
      }
      long start = System.nanoTime();
      int total = 0;
      for (Future<Integer> loop : threads.invokeAll(loops)) {
        total += loop.get();
      }
      return total / ((System.nanoTime() - start) / 1e9);
    }
  }
}
