package dev.mlp.controlplane.container.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Owner;
import dev.mlp.controlplane.container.Resources;
import dev.mlp.controlplane.container.local.InstanceProgram;
import dev.mlp.controlplane.container.local.MemberFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a program does while its engine comes and goes between two requests. */
@Timeout(60)
final class DockerProgramTest {
  private static final String PATH = "/containers/mlp-test-job-algo-1/";
  private static final byte[] GONE = "{}".getBytes(StandardCharsets.UTF_8);
  private static final String CREATED = "{\"Id\":\"c\",\"State\":{\"Status\":\"created\"}}";
  private static final String RUNNING =
      "{\"Id\":\"c\",\"State\":{\"Status\":\"running\",\"StartedAt\":\"2026-01-01T00:00:00Z\"}}";
  private static final String EXITED =
      "{\"Id\":\"c\",\"State\":{\"Status\":\"exited\",\"ExitCode\":143,"
          + "\"StartedAt\":\"2026-01-01T00:00:00Z\",\"FinishedAt\":\"2026-01-01T00:01:00Z\"}}";

  @TempDir Path folder;
  private ScriptedEngine engine;
  private EngineTools tools;
  private DockerProgram program;

  @BeforeEach
  void open() throws IOException {
    engine = new ScriptedEngine();
    tools =
        new EngineTools(
            engine.connection(),
            new Labels("test"),
            BuiltInImageBuilds.NONE,
            engine.settings(),
            Duration.ofHours(1),
            Clock.systemUTC());
    MemberSpec member =
        new MemberSpec(
            "algo-1",
            "image",
            List.of(),
            List.of(),
            Map.of(),
            Map.of(),
            List.of(),
            List.of(),
            "output/failure",
            folder.resolve("log"),
            OptionalInt.empty(),
            Resources.of(64, 1));
    MemberFolder place = new MemberFolder(folder.resolve("algo-1"));
    place.create();
    program =
        new DockerProgram(
            new InstanceGroupSpec(
                new GroupId("job"),
                new Owner(new Tenant("123456789012", "eu-west-1"), Owner.Kind.TRAINING_JOB, "job"),
                List.of(member),
                false),
            member,
            place,
            tools);
  }

  @AfterEach
  void close() {
    tools.connection.close();
    engine.close();
  }

  @Test
  void aStopGetsThroughWhenTheEngineIsBack() throws Exception {
    AtomicReference<String> state = new AtomicReference<>(RUNNING);
    engine.on("GET " + PATH + "json", request -> ScriptedEngine.json(state.get()).to(request));
    engine.on("GET " + PATH + "logs", request -> ScriptedEngine.send(request, 200, new byte[0]));
    AtomicInteger kills = new AtomicInteger();
    engine.on(
        "POST " + PATH + "kill",
        request -> {
          if (kills.incrementAndGet() < 3) {
            throw new IOException("the engine goes away");
          }
          state.set(EXITED);
          ScriptedEngine.send(request, 204, new byte[0]);
        });
    program.stop(Clock.systemUTC().instant().plus(Duration.ofMinutes(10)));
    InstanceProgram.End end = program.awaitEnd();
    assertThat(end).isInstanceOf(InstanceProgram.End.Known.class);
    assertThat(((InstanceProgram.End.Known) end).code()).isEqualTo(143);
    assertThat(kills).hasValue(3);
  }

  @Test
  void aFailureFileThatIsBrokenOffIsReadAgain() throws Exception {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    byte[] text = "no such column".getBytes(StandardCharsets.UTF_8);
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(archive)) {
      TarArchiveEntry entry = new TarArchiveEntry("failure");
      entry.setSize(text.length);
      tar.putArchiveEntry(entry);
      tar.write(text);
      tar.closeArchiveEntry();
    }
    AtomicInteger reads = new AtomicInteger();
    engine.on(
        "GET " + PATH + "archive",
        request -> {
          if (reads.incrementAndGet() == 1) {
            request.sendResponseHeaders(200, archive.size());
            request.getResponseBody().write(archive.toByteArray(), 0, 100);
            request.getResponseBody().flush();
            throw new IOException("the engine goes away");
          }
          ScriptedEngine.send(request, 200, archive.toByteArray());
        });
    assertThat(program.failure("output/failure")).contains("no such column");
  }

  @Test
  void whatWasStartedBeforeARestartAndIsGoneIsNotStartedAgain() throws Exception {
    assertThat(program.hasBegun()).isFalse();
    engine.on("GET " + PATH + "json", ScriptedEngine.json(CREATED));
    engine.on(
        "POST " + PATH + "start",
        request -> {
          engine.on("GET " + PATH + "json", ScriptedEngine.json(RUNNING));
          ScriptedEngine.send(request, 204, new byte[0]);
        });
    engine.on("GET /networks", ScriptedEngine.json("[]"));
    engine.on("POST /networks/create", ScriptedEngine.json("{\"Id\":\"n\"}"));
    program.start();
    assertThat(program.hasBegun()).isTrue();
    engine.on("GET " + PATH + "json", ScriptedEngine.json(CREATED));
    assertThat(program.hasBegun()).as("the engine was not reached").isFalse();
    engine.on("GET " + PATH + "json", request -> ScriptedEngine.send(request, 404, GONE));
    assertThat(program.hasBegun()).isTrue();
    assertThatThrownBy(program::start).hasMessageContaining("removed from outside");
  }
}
