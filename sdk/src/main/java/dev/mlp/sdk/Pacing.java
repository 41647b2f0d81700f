package dev.mlp.sdk;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * How long to pause between two looks at something that takes its time: a tenth of what it took so
 * far, but at least 100 ms and at most 5 s. A local platform's answer is seen at once, and AWS is
 * asked a few dozen times for a job of an hour.
 */
final class Pacing {
  static final Duration SHORTEST = Duration.ofMillis(100);
  static final Duration LONGEST = Duration.ofSeconds(5);

  private final Clock clock;
  private final Sleeper sleeper;

  Pacing(Clock clock, Sleeper sleeper) {
    this.clock = clock;
    this.sleeper = sleeper;
  }

  /** Starts counting. */
  Waiting start(String waitedFor) {
    return new Waiting(waitedFor, clock.instant());
  }

  static Duration pauseAfter(Duration elapsed) {
    Duration tenth = elapsed.dividedBy(10);
    if (tenth.compareTo(SHORTEST) < 0) {
      return SHORTEST;
    }
    return tenth.compareTo(LONGEST) > 0 ? LONGEST : tenth;
  }

  /** Lets time pass; tests let none. */
  @FunctionalInterface
  interface Sleeper {
    void sleep(Duration duration) throws InterruptedException;
  }

  /** One thing waited for. */
  final class Waiting {
    private final String waitedFor;
    private final Instant since;

    private Waiting(String waitedFor, Instant since) {
      this.waitedFor = waitedFor;
      this.since = since;
    }

    Duration elapsed() {
      return Duration.between(since, clock.instant());
    }

    void pause() {
      try {
        sleeper.sleep(pauseAfter(elapsed()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new WaitInterruptedException(waitedFor, e);
      }
    }
  }
}
