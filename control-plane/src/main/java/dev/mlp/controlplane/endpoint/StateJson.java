package dev.mlp.controlplane.endpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlp.controlplane.artifact.S3Address;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** How rows hold states and specs: written by hand, so that renaming a type changes no row. */
final class StateJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private StateJson() {}

  static String write(EndpointState state) {
    ObjectNode json = JSON.createObjectNode();
    switch (state) {
      case EndpointState.Creating(var since) -> json.put("since", since.toString());
      case EndpointState.InService(var since) -> json.put("since", since.toString());
      case EndpointState.Deleting(var since) -> json.put("since", since.toString());
      case EndpointState.Failed(var at, var reason) ->
          json.put("at", at.toString()).put("reason", reason);
    }
    return json.toString();
  }

  static EndpointState endpoint(String kind, String text) {
    JsonNode json = read(text);
    return switch (kind) {
      case "Creating" -> new EndpointState.Creating(time(json, "since"));
      case "InService" -> new EndpointState.InService(time(json, "since"));
      case "Deleting" -> new EndpointState.Deleting(time(json, "since"));
      case "Failed" -> new EndpointState.Failed(time(json, "at"), text(json, "reason"));
      default -> throw new IllegalArgumentException("endpoint state '" + kind + "'");
    };
  }

  static String write(InstanceState state) {
    ObjectNode json = JSON.createObjectNode();
    switch (state) {
      case InstanceState.Waiting(var since, var reason) ->
          json.put("since", since.toString()).put("reason", reason);
      case InstanceState.Starting(var since) -> json.put("since", since.toString());
      case InstanceState.Ready(var since, var host, var port) ->
          json.put("since", since.toString()).put("host", host).put("port", port);
      case InstanceState.Draining(var since, var failure) -> {
        json.put("since", since.toString());
        failure.ifPresent(what -> put(json, what));
      }
      case InstanceState.Stopping(var since, var failure) -> {
        json.put("since", since.toString());
        failure.ifPresent(what -> put(json, what));
      }
      case InstanceState.Failed(var at, var failure) -> put(json.put("at", at.toString()), failure);
    }
    return json.toString();
  }

  static InstanceState instance(String kind, String text) {
    JsonNode json = read(text);
    return switch (kind) {
      case "Waiting" -> new InstanceState.Waiting(time(json, "since"), text(json, "reason"));
      case "Starting" -> new InstanceState.Starting(time(json, "since"));
      case "Ready" ->
          new InstanceState.Ready(
              time(json, "since"), text(json, "host"), json.required("port").asInt());
      case "Draining" -> new InstanceState.Draining(time(json, "since"), failure(json));
      case "Stopping" -> new InstanceState.Stopping(time(json, "since"), failure(json));
      case "Failed" -> new InstanceState.Failed(time(json, "at"), failure(json).orElseThrow());
      default -> throw new IllegalArgumentException("instance state '" + kind + "'");
    };
  }

  static String write(List<VariantSpec> variants) {
    ArrayNode json = JSON.createArrayNode();
    for (VariantSpec variant : variants) {
      ObjectNode one =
          json.addObject()
              .put("name", variant.name())
              .put("modelName", variant.modelName())
              .put("image", variant.image())
              .put("networkIsolation", variant.networkIsolation())
              .put("instanceType", variant.instanceType())
              .put("instances", variant.instances())
              .put("downloadTimeout", variant.downloadTimeout().toString())
              .put("startupTimeout", variant.startupTimeout().toString());
      variant.modelData().ifPresent(address -> one.put("modelData", address.toString()));
      variant.volumeBytes().ifPresent(bytes -> one.put("volumeBytes", bytes));
      ObjectNode environment = one.putObject("environment");
      variant.environment().forEach(environment::put);
    }
    return json.toString();
  }

  static List<VariantSpec> variants(String text) {
    List<VariantSpec> variants = new ArrayList<>();
    for (JsonNode json : read(text)) {
      Map<String, String> environment = new LinkedHashMap<>();
      json.required("environment")
          .properties()
          .forEach(entry -> environment.put(entry.getKey(), entry.getValue().textValue()));
      variants.add(
          new VariantSpec(
              text(json, "name"),
              text(json, "modelName"),
              text(json, "image"),
              Optional.ofNullable(json.get("modelData"))
                  .map(address -> S3Address.parse(address.textValue())),
              environment,
              json.required("networkIsolation").booleanValue(),
              text(json, "instanceType"),
              // Rows of older versions have neither of the two.
              json.path("instances").asInt(1),
              json.has("volumeBytes")
                  ? OptionalLong.of(json.required("volumeBytes").longValue())
                  : OptionalLong.empty(),
              Duration.parse(text(json, "downloadTimeout")),
              Duration.parse(text(json, "startupTimeout"))));
    }
    return variants;
  }

  private static void put(ObjectNode json, InstanceFailure failure) {
    json.put("cause", failure.cause().name()).put("reason", failure.reason());
  }

  private static Optional<InstanceFailure> failure(JsonNode json) {
    return Optional.ofNullable(json.get("cause"))
        .map(cause ->
            new InstanceFailure(
                InstanceFailure.Cause.valueOf(cause.textValue()), text(json, "reason")));
  }

  private static Instant time(JsonNode json, String name) {
    return Instant.parse(text(json, name));
  }

  private static String text(JsonNode json, String name) {
    return json.required(name).textValue();
  }

  private static JsonNode read(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a stored state: " + text, e);
    }
  }
}
