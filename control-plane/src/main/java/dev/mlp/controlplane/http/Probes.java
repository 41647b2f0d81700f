package dev.mlp.controlplane.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.http.HttpServerRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What operators ask: alive, ready, figures. Unsigned, and without anything that is secret. */
final class Probes {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Supplier<Optional<String>>> checks;
  private final PrometheusMeterRegistry registry;
  private final Blocking blocking;
  private volatile boolean closing;

  Probes(
      Map<String, Supplier<Optional<String>>> checks,
      PrometheusMeterRegistry registry,
      Blocking blocking) {
    this.checks = new LinkedHashMap<>(checks);
    this.registry = registry;
    this.blocking = blocking;
  }

  /** From now on not ready: who balances over servers sends nothing more here. */
  void closing() {
    closing = true;
  }

  void alive(HttpServerRequest request) {
    text(request, 200, "text/plain; charset=utf-8", "ok\n");
  }

  void ready(HttpServerRequest request) {
    blocking
        .call(this::states)
        .onSuccess(states -> {
          boolean ready = states.values().stream().allMatch("ok"::equals);
          text(request, ready ? 200 : 503, "application/json", json(ready, states));
        })
        .onFailure(e -> text(request, 503, "text/plain; charset=utf-8", e + "\n"));
  }

  void metrics(HttpServerRequest request) {
    blocking
        .call(registry::scrape)
        .onSuccess(
            figures -> text(request, 200, "text/plain; version=0.0.4; charset=utf-8", figures))
        .onFailure(e -> text(request, 500, "text/plain; charset=utf-8", e + "\n"));
  }

  private Map<String, String> states() {
    Map<String, String> states = new LinkedHashMap<>();
    checks.forEach((name, check) -> states.put(name, state(check)));
    if (closing) {
      states.put("server", "closing");
    }
    return states;
  }

  /** A check that throws is a problem, not a failure of the probe. */
  private static String state(Supplier<Optional<String>> check) {
    try {
      return check.get().orElse("ok");
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  private static String json(boolean ready, Map<String, String> states) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("ready", ready);
    answer.put("checks", states);
    try {
      return JSON.writeValueAsString(answer) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // booleans and strings can always be written
    }
  }

  static void text(HttpServerRequest request, int status, String type, String text) {
    if (!request.response().closed()) {
      request.response().setStatusCode(status).putHeader("Content-Type", type).end(text);
    }
  }
}
