package dev.mlp.sdk;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * How long to pause between two looks at something that takes its time: a tenth of what it took so
 * far, but at least 100 ms and at most 5 s, or 1 s on a platform of one's own. A local platform's
 * answer is seen at once, and AWS is asked a few dozen times a minute at first and twelve times
 * later.
 */
final class Pacing {
  static final Duration SHORTEST = Duration.ofMillis(100);
  static final Duration LONGEST = Duration.ofSeconds(5);
  static final Duration LONGEST_LOCALLY = Duration.ofSeconds(1);

  private final Clock clock;
  private final Sleeper sleeper;
  private final Duration longest;

  Pacing(Clock clock, Sleeper sleeper, Duration longest) {
    this.clock = clock;
    this.sleeper = sleeper;
    this.longest = longest;
  }

  /** Starts counting. */
  Waiting start(String waitedFor) {
    return new Waiting(waitedFor, clock.instant());
  }

  static Duration pauseAfter(Duration elapsed, Duration longest) {
    Duration tenth = elapsed.dividedBy(10);
    if (tenth.compareTo(SHORTEST) < 0) {
      return SHORTEST;
    }
    return tenth.compareTo(longest) > 0 ? longest : tenth;
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
        sleeper.sleep(pauseAfter(elapsed(), longest));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new WaitInterruptedException(waitedFor, e);
      }
    }
  }
}
