package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.container.GroupId;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Pings instances, each from a virtual thread of its own, and remembers what came of it. Health is
 * kept in memory alone: after a restart it is found out again.
 */
public final class PingMonitor implements AutoCloseable {
  private final PingLimits limits;
  private final int failuresThatMatter;
  private final Consumer<GroupId> changed;
  private final HttpClient client;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("ping-", 0).factory());
  private final ConcurrentHashMap<GroupId, Watch> watches = new ConcurrentHashMap<>();

  private static final class Watch {
    private final HostPort address;
    private volatile PingHealth health = PingHealth.UNKNOWN;
    private volatile boolean over;

    Watch(HostPort address) {
      this.address = address;
    }
  }

  /**
   * @param failuresThatMatter in a row, for {@code changed} to be called
   * @param changed called when an instance has passed its first ping, or has failed so many in a
   *     row; from any thread, must not block for long
   */
  public PingMonitor(PingLimits limits, int failuresThatMatter, Consumer<GroupId> changed) {
    this.limits = limits;
    this.failuresThatMatter = failuresThatMatter;
    this.changed = changed;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(limits.timeout())
            .executor(threads)
            .build();
  }

  /** Pings the instance there until {@link #forget}; nothing changes if it does already. */
  void watch(GroupId group, String host, int port) {
    HostPort address = new HostPort(host, port);
    watches.compute(
        group,
        (_, before) -> {
          if (before != null && before.address.equals(address)) {
            return before;
          }
          if (before != null) {
            before.over = true;
          }
          Watch watch = new Watch(address);
          threads.execute(() -> run(group, watch));
          return watch;
        });
  }

  PingHealth health(GroupId group) {
    Watch watch = watches.get(group);
    return watch == null ? PingHealth.UNKNOWN : watch.health;
  }

  void forget(GroupId group) {
    Watch watch = watches.remove(group);
    if (watch != null) {
      watch.over = true;
    }
  }

  private void run(GroupId group, Watch watch) {
    HttpRequest ping =
        HttpRequest.newBuilder(
                URI.create("http://" + watch.address.host() + ":" + watch.address.port() + "/ping"))
            .timeout(limits.timeout())
            .GET()
            .build();
    Duration starting = limits.first();
    boolean everPassed = false;
    try {
      while (!watch.over) {
        PingHealth before = watch.health;
        String answer = send(ping);
        boolean passed = answer.isEmpty();
        PingHealth after =
            passed
                ? new PingHealth(true, 0, "HTTP 200")
                : new PingHealth(false, before.failuresInRow() + 1, answer);
        watch.health = after;
        if ((passed && !before.passed())
            || (everPassed && after.failuresInRow() == failuresThatMatter)) {
          changed.accept(group);
        }
        everPassed |= passed;
        if (everPassed) {
          Thread.sleep(passed ? limits.steady() : limits.retry());
        } else {
          Thread.sleep(starting);
          starting = starting.multipliedBy(5).dividedBy(4);
          starting = starting.compareTo(limits.slowest()) < 0 ? starting : limits.slowest();
        }
      }
    } catch (InterruptedException _) {
      // The monitor is being closed.
    }
  }

  /** Empty for a 200, else what came instead. */
  private String send(HttpRequest ping) throws InterruptedException {
    try {
      int status = client.send(ping, HttpResponse.BodyHandlers.discarding()).statusCode();
      return status == 200 ? "" : "HTTP " + status;
    } catch (HttpTimeoutException _) {
      return "no answer within " + limits.timeout().toMillis() + " ms";
    } catch (ConnectException _) {
      return "connection refused";
    } catch (IOException e) {
      return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
  }

  /** Stops all pings. */
  @Override
  public void close() {
    watches.values().forEach(watch -> watch.over = true);
    client.shutdownNow();
    threads.shutdownNow();
  }
}
