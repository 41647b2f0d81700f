package dev.mlp.controlplane.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MetricDefinitionsTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  private static List<MetricValue> values(String regex, String line) {
    return new MetricDefinitions(List.of(new MetricDefinition("loss", Pattern.compile(regex))))
        .values(line, NOW);
  }

  @Test
  void readsTheFirstGroupOfEveryMatch() {
    assertThat(values("loss: (.*?);", "loss: 0.5; acc: 1; loss: 2.5e-1;"))
        .containsExactly(new MetricValue("loss", 0.5, NOW), new MetricValue("loss", 0.25, NOW));
  }

  @Test
  void readsTheWholeMatchWhereThereIsNoGroup() {
    assertThat(values("\\d+\\.\\d+", "at 3.25"))
        .containsExactly(new MetricValue("loss", 3.25, NOW));
  }

  @Test
  void whatIsNoFiniteNumberIsNoValue() {
    assertThat(values("loss=(\\S+)", "loss=abc loss=NaN loss=1e999")).isEmpty();
    assertThat(values("loss=(x)?", "loss=")).isEmpty();
  }

  @Test
  void anExpressionThatWouldTakeForEverFindsNothing() {
    assertThat(values("(a+)+b", "a".repeat(5000))).isEmpty();
  }
}
