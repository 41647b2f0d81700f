package dev.mlp.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PacingTest {
  @Test
  void looksOftenAtFirstAndSeldomLater() {
    assertThat(Pacing.pauseAfter(Duration.ZERO, Pacing.LONGEST)).isEqualTo(Duration.ofMillis(100));
    assertThat(Pacing.pauseAfter(Duration.ofSeconds(10), Pacing.LONGEST))
        .isEqualTo(Duration.ofSeconds(1));
    assertThat(Pacing.pauseAfter(Duration.ofHours(10), Pacing.LONGEST))
        .isEqualTo(Duration.ofSeconds(5));
  }

  @Property
  void staysWithinItsBounds(@ForAll @LongRange(min = 0, max = 1L << 40) long millis) {
    assertThat(Pacing.pauseAfter(Duration.ofMillis(millis), Pacing.LONGEST))
        .isBetween(Duration.ofMillis(100), Duration.ofSeconds(5));
  }

  @Test
  void saysWhatItWaitedForWhenInterrupted() {
    Pacing pacing =
        new Pacing(
            Clock.systemUTC(),
            pause -> {
              throw new InterruptedException();
            },
            Pacing.LONGEST);
    assertThatThrownBy(() -> pacing.start("job x").pause())
        .isInstanceOf(WaitInterruptedException.class)
        .hasMessageContaining("job x");
    assertThat(Thread.interrupted()).isTrue();
  }
}
