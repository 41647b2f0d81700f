package dev.mlp.controlplane.container.docker;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
final class LogFollowerTest {
  private static final String FIRST = "2026-01-01T00:00:10.900000000Z first";
  private static final String SECOND = "2026-01-01T00:00:11.000001000Z second";
  private static final String LATE = "2026-01-01T00:00:10.999999000Z late, of the other stream";
  private static final String LAST = "2026-01-01T00:00:11.500000000Z last";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aLineThatIsStampedBeforeTheOneInFrontOfItComesOnce(boolean sentAgain) throws Exception {
    Path file = folder.resolve("log");
    byte[] rest =
        sentAgain
            ? ScriptedEngine.log(SECOND, LATE, LAST) // from version 24 on
            : ScriptedEngine.log(SECOND, LAST);
    try (ScriptedEngine engine = new ScriptedEngine();
        EngineConnection connection = engine.connection()) {
      engine.on(
          "GET /containers/a/logs",
          request ->
              ScriptedEngine.send(
                  request,
                  200,
                  request.getRequestURI().getQuery().endsWith("since=0")
                      ? ScriptedEngine.log(FIRST, SECOND, LATE)
                      : rest));
      try (LogFollower log = new LogFollower(connection, "a", file)) {
        log.start();
        var _ =
            eventually(
                () -> Files.exists(file) ? Files.readString(file) : "",
                text -> text.contains("stream\n"));
        log.finish();
      }
    }
    assertThat(file).hasContent("first\nsecond\nlate, of the other stream\nlast\n");
  }
}
