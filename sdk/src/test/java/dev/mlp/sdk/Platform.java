package dev.mlp.sdk;

import dev.mlp.sdk.testing.FakeAws;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** A fake platform, a session on it, and a clock that moves only while somebody waits. */
final class Platform implements AutoCloseable {
  final FakeAws aws = new FakeAws();
  final List<Duration> pauses = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-31T12:00:00Z");
  final Session session =
      Session.builder()
          .environment(aws.variables())
          .clock(
              new Clock() {
                @Override
                public Instant instant() {
                  return now;
                }

                @Override
                public ZoneId getZone() {
                  return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                  return this;
                }
              },
              pause -> {
                pauses.add(pause);
                now = now.plus(pause);
              })
          .build();

  @Override
  public void close() {
    session.close();
    aws.close();
  }
}
