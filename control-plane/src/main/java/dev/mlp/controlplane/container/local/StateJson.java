package dev.mlp.controlplane.container.local;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.Phase;
import dev.mlp.controlplane.container.Phase.Broken;
import dev.mlp.controlplane.container.Phase.Exit;
import dev.mlp.controlplane.container.Phase.Exited;
import dev.mlp.controlplane.container.Phase.Lost;
import dev.mlp.controlplane.container.Phase.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What the runtime keeps on disk, as JSON. */
final class StateJson {
  private static final ObjectMapper mapper = new ObjectMapper().registerModule(module());

  /** A terminal observation, flat. Times are ISO-8601. */
  private record StoredEnd(
      String hostName,
      Kind kind,
      @Nullable Step step,
      @Nullable String reason,
      @Nullable Integer exitCode,
      @Nullable Boolean outOfMemory,
      @Nullable String failure,
      @Nullable String exitAt,
      @Nullable String stagingAt,
      @Nullable String runningAt,
      @Nullable String collectingAt,
      @Nullable String endedAt,
      @Nullable String address) {
    enum Kind {
      EXITED,
      BROKEN,
      LOST
    }
  }

  private StateJson() {}

  static String write(InstanceGroupSpec spec) {
    return writeAny(spec);
  }

  static InstanceGroupSpec readSpec(String json) throws IOException {
    return mapper.readValue(json, InstanceGroupSpec.class);
  }

  static String write(MemberObservation seen) {
    StoredEnd.Kind kind =
        switch (seen.phase()) {
          case Exited _ -> StoredEnd.Kind.EXITED;
          case Broken _ -> StoredEnd.Kind.BROKEN;
          case Lost _ -> StoredEnd.Kind.LOST;
          case Phase.Pending _, Phase.Staging _, Phase.Running _, Phase.Collecting _ ->
              throw new IllegalArgumentException(seen + " is not at its end");
        };
    Optional<Exit> exit =
        switch (seen.phase()) {
          case Exited(Exit ended) -> Optional.of(ended);
          case Broken broken -> broken.exit();
          default -> Optional.empty();
        };
    return writeAny(
        new StoredEnd(
            seen.hostName(),
            kind,
            seen.phase() instanceof Broken broken ? broken.step() : null,
            switch (seen.phase()) {
              case Broken broken -> broken.reason();
              case Lost lost -> lost.reason();
              default -> null;
            },
            exit.map(Exit::code).orElse(null),
            exit.map(Exit::outOfMemory).orElse(null),
            exit.flatMap(Exit::failure).orElse(null),
            exit.map(ended -> ended.at().toString()).orElse(null),
            text(seen.stagingAt()),
            text(seen.runningAt()),
            text(seen.collectingAt()),
            text(seen.endedAt()),
            seen.address().orElse(null)));
  }

  static MemberObservation readEnd(String json) throws IOException {
    StoredEnd end = mapper.readValue(json, StoredEnd.class);
    Optional<Exit> exit =
        end.exitCode() == null
            ? Optional.empty()
            : Optional.of(
                new Exit(
                    end.exitCode(),
                    Boolean.TRUE.equals(end.outOfMemory()),
                    Optional.ofNullable(end.failure()),
                    time(end.exitAt()).orElseThrow()));
    String reason = end.reason() == null ? "" : end.reason();
    Phase phase =
        switch (end.kind()) {
          case EXITED -> new Exited(exit.orElseThrow());
          case BROKEN -> new Broken(end.step() == null ? Step.STARTING : end.step(), reason, exit);
          case LOST -> new Lost(reason);
        };
    return new MemberObservation(
        end.hostName(),
        phase,
        time(end.stagingAt()),
        time(end.runningAt()),
        time(end.collectingAt()),
        time(end.endedAt()),
        Optional.ofNullable(end.address()));
  }

  private static String writeAny(Object value) {
    try {
      return mapper.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable String text(Optional<Instant> time) {
    return time.map(Instant::toString).orElse(null);
  }

  private static Optional<Instant> time(@Nullable String text) {
    return Optional.ofNullable(text).map(Instant::parse);
  }

  private static SimpleModule module() {
    return new SimpleModule()
        .addSerializer(
            OptionalInt.class,
            new JsonSerializer<OptionalInt>() {
              @Override
              public void serialize(
                  OptionalInt value, JsonGenerator json, SerializerProvider provider)
                  throws IOException {
                json.writeNumber(value.orElse(-1));
              }
            })
        .addDeserializer(
            OptionalInt.class,
            new JsonDeserializer<OptionalInt>() {
              @Override
              public OptionalInt deserialize(JsonParser json, DeserializationContext context)
                  throws IOException {
                int value = json.getIntValue();
                return value < 0 ? OptionalInt.empty() : OptionalInt.of(value);
              }
            })
        .addSerializer(
            OptionalLong.class,
            new JsonSerializer<OptionalLong>() {
              @Override
              public void serialize(
                  OptionalLong value, JsonGenerator json, SerializerProvider provider)
                  throws IOException {
                json.writeNumber(value.orElse(-1));
              }
            })
        .addDeserializer(
            OptionalLong.class,
            new JsonDeserializer<OptionalLong>() {
              @Override
              public OptionalLong deserialize(JsonParser json, DeserializationContext context)
                  throws IOException {
                long value = json.getLongValue();
                return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
              }
            })
        .addSerializer(
            Path.class,
            new JsonSerializer<Path>() {
              @Override
              public void serialize(Path value, JsonGenerator json, SerializerProvider provider)
                  throws IOException {
                json.writeString(value.toString());
              }
            })
        .addDeserializer(
            Path.class,
            new JsonDeserializer<Path>() {
              @Override
              public Path deserialize(JsonParser json, DeserializationContext context)
                  throws IOException {
                return Path.of(json.getText());
              }
            });
  }
}
