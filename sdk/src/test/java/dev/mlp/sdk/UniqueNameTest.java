package dev.mlp.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class UniqueNameTest {
  private final UniqueName names =
      new UniqueName(Clock.fixed(Instant.parse("2026-01-31T12:00:00.123456Z"), ZoneOffset.UTC));

  @Test
  void joinsBaseAndTimeAsTheSdksDo() {
    assertThat(names.from("titanic")).isEqualTo("titanic-2026-01-31-12-00-00-123");
  }

  @Test
  void givesNoNameTwiceWithinAMillisecond() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      assertThat(seen.add(names.from("a"))).isTrue();
    }
  }

  @Property
  void isAlwaysAValidName(@ForAll String base) {
    assertThat(UniqueName.isValid(names.from(base))).isTrue();
  }

  @Test
  void takesTheBaseOfAnImageFromItsLastPart() {
    assertThat(UniqueName.baseOfImage("1234.dkr.ecr.eu-west-1.amazonaws.com/team/trainer:1.2"))
        .isEqualTo("trainer");
    assertThat(UniqueName.baseOfImage("localhost:5000/trainer@sha256:abc")).isEqualTo("trainer");
    assertThat(UniqueName.baseOfImage("mlp-training")).isEqualTo("mlp-training");
  }

  @Test
  void knowsWhatSageMakerRefuses() {
    assertThat(UniqueName.isValid("a-b--c")).isTrue();
    assertThat(UniqueName.isValid("-a")).isFalse();
    assertThat(UniqueName.isValid("a-")).isFalse();
    assertThat(UniqueName.isValid("a_b")).isFalse();
    assertThat(UniqueName.isValid("")).isFalse();
    assertThat(UniqueName.isValid("a".repeat(64))).isFalse();
    assertThat(UniqueName.isValid("a" + "-".repeat(100_000))).isFalse();
  }
}
