package dev.mlp.controlplane.container.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.docker.EngineConnection.Absence;
import dev.mlp.controlplane.container.local.InstanceProgram.End;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EndingsTest {
  private static final Instant START = Instant.parse("2026-01-01T10:00:00Z");
  private static final Instant NOW = START.plusSeconds(10_000);
  private static final End LOST = new End.Unknown(new Phase.Lost(Endings.ENGINE_STOPPED));

  private static ContainerState ended(int code, boolean outOfMemory, Instant at) {
    return new ContainerState("exited", Optional.of(START), Optional.of(at), code, outOfMemory);
  }

  private static End judge(
      ContainerState state, boolean stopped, Optional<Instant> engine, Optional<Absence> absence) {
    return Endings.judge(state, stopped, engine, absence, NOW);
  }

  private static Absence absence(Instant from, Instant to) {
    return new Absence(from, to);
  }

  @ParameterizedTest
  @ValueSource(ints = {137, 143, 255})
  void aContainerThatEndedAsTheEngineStartedAgainWentWithIt(int code) {
    Instant at = START.plusSeconds(100);
    Optional<Instant> engine = Optional.of(at.plusSeconds(3));
    assertThat(judge(ended(code, false, at), false, engine, Optional.empty())).isEqualTo(LOST);
  }

  @ParameterizedTest
  @ValueSource(ints = {137, 143, 255})
  void soDidOneThatEndedWhileTheEngineWasAway(int code) {
    Instant at = START.plusSeconds(100);
    Optional<Absence> absence = Optional.of(absence(at.minusSeconds(1), at.plusSeconds(600)));
    Optional<Instant> engine = Optional.of(at.plusSeconds(590));
    assertThat(judge(ended(code, false, at), false, engine, absence)).isEqualTo(LOST);
    assertThat(judge(ended(code, false, at), false, Optional.empty(), absence)).isEqualTo(LOST);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 139})
  void aProgramThatSaysHowItEndedIsBelieved(int code) {
    Instant at = START.plusSeconds(100);
    Optional<Absence> absence = Optional.of(absence(at, at.plusSeconds(9)));
    assertThat(judge(ended(code, false, at), false, Optional.of(at), absence))
        .isEqualTo(new End.Known(code, false, at));
  }

  @Test
  void whatWasStoppedOrRanOutOfMemoryIsNoneOfTheEnginesDoing() {
    Instant at = START.plusSeconds(100);
    assertThat(judge(ended(143, false, at), true, Optional.of(at), Optional.empty()))
        .isEqualTo(new End.Known(143, false, at));
    assertThat(judge(ended(137, true, at), false, Optional.of(at), Optional.empty()))
        .isEqualTo(new End.Known(137, true, at));
  }

  @Test
  void anEngineThatBeganBeforeTheContainerDidNotEndIt() {
    Instant at = START.plusSeconds(5);
    Optional<Absence> glitch = Optional.of(absence(at, at.plusMillis(5)));
    assertThat(judge(ended(137, false, at), false, Optional.of(START.minusSeconds(5)), glitch))
        .isEqualTo(new End.Known(137, false, at));
  }

  @Test
  void anEndLongBeforeTheEngineWentIsTheProgramsOwn() {
    Instant at = START.plusSeconds(100);
    Instant engine = at.plusSeconds(5000);
    Optional<Absence> absence = Optional.of(absence(engine.minusSeconds(20), engine));
    assertThat(judge(ended(137, false, at), false, Optional.of(engine), absence))
        .isEqualTo(new End.Known(137, false, at));
  }
}
