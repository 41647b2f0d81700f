package dev.mlp.controlplane.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlp.controlplane.training.TrainingJobState.Cause;
import dev.mlp.controlplane.training.TrainingJobState.Completed;
import dev.mlp.controlplane.training.TrainingJobState.Downloading;
import dev.mlp.controlplane.training.TrainingJobState.Failed;
import dev.mlp.controlplane.training.TrainingJobState.Pending;
import dev.mlp.controlplane.training.TrainingJobState.Preparing;
import dev.mlp.controlplane.training.TrainingJobState.Starting;
import dev.mlp.controlplane.training.TrainingJobState.StopRequested;
import dev.mlp.controlplane.training.TrainingJobState.Stopped;
import dev.mlp.controlplane.training.TrainingJobState.Stopping;
import dev.mlp.controlplane.training.TrainingJobState.Training;
import dev.mlp.controlplane.training.TrainingJobState.Uploading;
import java.time.Instant;
import java.util.Optional;

/** A state in its two columns: its kind, and its data as JSON. Times are ISO 8601 in UTC. */
final class TrainingJobStateJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TrainingJobStateJson() {}

  /** The kind's name: stored, so never renamed. */
  static String kind(TrainingJobState state) {
    return switch (state) {
      case Starting _ -> "Starting";
      case Pending _ -> "Pending";
      case Preparing _ -> "Preparing";
      case Downloading _ -> "Downloading";
      case Training _ -> "Training";
      case Uploading _ -> "Uploading";
      case StopRequested _ -> "StopRequested";
      case Stopping _ -> "Stopping";
      case Completed _ -> "Completed";
      case Failed _ -> "Failed";
      case Stopped _ -> "Stopped";
    };
  }

  static String data(TrainingJobState state) {
    ObjectNode data = JSON.createObjectNode();
    switch (state) {
      case Starting(Instant since) -> put(data, "since", since);
      case Pending(Instant since, String reason) -> {
        put(data, "since", since);
        data.put("reason", reason);
      }
      case Preparing(Instant since) -> put(data, "since", since);
      case Downloading(Instant since) -> put(data, "since", since);
      case Training(Instant startedAt) -> put(data, "startedAt", startedAt);
      case Uploading(_, Instant since) -> put(data, "since", since);
      case StopRequested(Cause cause, _, Instant since) -> {
        data.put("cause", cause.name());
        put(data, "since", since);
      }
      case Stopping(Cause cause, _, Instant since) -> {
        data.put("cause", cause.name());
        put(data, "since", since);
      }
      case Completed(_, Instant endedAt) -> put(data, "endedAt", endedAt);
      case Failed(String reason, _, Instant endedAt) -> {
        data.put("reason", reason);
        put(data, "endedAt", endedAt);
      }
      case Stopped(Cause cause, _, Instant endedAt) -> {
        data.put("cause", cause.name());
        put(data, "endedAt", endedAt);
      }
    }
    state.trainingStartedAt().ifPresent(startedAt -> put(data, "startedAt", startedAt));
    return data.toString();
  }

  static TrainingJobState read(String kind, String json) {
    JsonNode data;
    try {
      data = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("training job state " + kind + " " + json, e);
    }
    return switch (kind) {
      case "Starting" -> new Starting(time(data, "since"));
      case "Pending" -> new Pending(time(data, "since"), data.path("reason").asText());
      case "Preparing" -> new Preparing(time(data, "since"));
      case "Downloading" -> new Downloading(time(data, "since"));
      case "Training" -> new Training(time(data, "startedAt"));
      case "Uploading" -> new Uploading(startedAt(data), time(data, "since"));
      case "StopRequested" -> new StopRequested(cause(data), startedAt(data), time(data, "since"));
      case "Stopping" -> new Stopping(cause(data), startedAt(data), time(data, "since"));
      case "Completed" -> new Completed(time(data, "startedAt"), time(data, "endedAt"));
      case "Failed" ->
          new Failed(data.path("reason").asText(), startedAt(data), time(data, "endedAt"));
      case "Stopped" -> new Stopped(cause(data), startedAt(data), time(data, "endedAt"));
      default -> throw new IllegalStateException("training job state of unknown kind " + kind);
    };
  }

  private static void put(ObjectNode data, String name, Instant time) {
    data.put(name, time.toString());
  }

  private static Instant time(JsonNode data, String name) {
    return Instant.parse(data.path(name).asText());
  }

  private static Optional<Instant> startedAt(JsonNode data) {
    return data.has("startedAt") ? Optional.of(time(data, "startedAt")) : Optional.empty();
  }

  private static Cause cause(JsonNode data) {
    return Cause.valueOf(data.path("cause").asText());
  }
}
