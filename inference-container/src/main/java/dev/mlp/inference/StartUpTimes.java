package dev.mlp.inference;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** How long each phase of the start took. */
final class StartUpTimes {
  private final Map<String, Duration> phases = new LinkedHashMap<>();
  private long phaseStart = System.nanoTime();

  /** Starts with the time that the JVM itself took to come here. */
  static StartUpTimes sinceProcessStart() {
    StartUpTimes times = new StartUpTimes();
    ProcessHandle.current()
        .info()
        .startInstant()
        .ifPresent(start -> times.phases.put("JVM", Duration.between(start, Instant.now())));
    return times;
  }

  /** The phase that began where the last one ended is over. */
  void finished(String phase) {
    long now = System.nanoTime();
    phases.put(phase, Duration.ofNanos(now - phaseStart));
    phaseStart = now;
  }

  @Override
  public String toString() {
    return phases.entrySet().stream()
        .map(phase -> phase.getKey() + " " + phase.getValue().toMillis() + " ms")
        .collect(Collectors.joining(", "));
  }
}
