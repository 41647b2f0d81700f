package dev.mlp.controlplane.container.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.transport.DockerHttpClient;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes those who wait for a container when something happened to it, and everybody when the stream
 * of events was broken: one may have been missed.
 */
final class EngineEvents implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(EngineEvents.class);
  private static final ObjectMapper mapper = new ObjectMapper();
  static final String UNKNOWN = "";
  static final String KILL = "kill";
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  private final EngineConnection connection;
  private final String path;
  private final Map<String, Consumer<String>> waiting = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param label that the containers have, {@code name=value}
   */
  EngineEvents(EngineConnection connection, String label) {
    this.connection = connection;
    String filters = "{\"type\":[\"container\"],\"label\":[\"" + label + "\"]}";
    this.path = "/events?filters=" + URLEncoder.encode(filters, StandardCharsets.UTF_8);
    this.thread = Thread.ofPlatform().daemon().name("docker-events").unstarted(this::listen);
  }

  void start() {
    thread.start();
  }

  /**
   * Has it told of every event of the container, from another thread and in their order: {@code
   * die}, {@code kill}, {@code pause} …; {@link #UNKNOWN} when there may have been some.
   */
  void await(String container, Consumer<String> listener) {
    waiting.put(container, listener);
  }

  void forget(String container) {
    waiting.remove(container);
  }

  private void listen() {
    Duration pause = FIRST_PAUSE;
    while (!closed) {
      try (DockerHttpClient.Response response = connection.get(path);
          MappingIterator<JsonNode> events =
              mapper.readerFor(JsonNode.class).readValues(response.getBody())) {
        wakeAll();
        pause = FIRST_PAUSE;
        while (events.hasNextValue()) {
          JsonNode event = events.nextValue();
          String container = event.path("Actor").path("Attributes").path("name").asText();
          String action = event.path("Action").asText();
          logger.debug("{}: {}", container, action);
          Consumer<String> listener = waiting.get(container);
          if (listener != null) {
            listener.accept(action);
          }
        }
        broken("its stream of events has ended");
      } catch (EngineAwayException e) {
        logger.debug("no events", e);
      } catch (IOException e) {
        broken("its stream of events broke: " + e);
      }
      wakeAll();
      try {
        if (!closed) {
          Thread.sleep(pause);
          pause = EngineConnection.longer(pause);
        }
      } catch (InterruptedException e) {
        logger.debug("no more events", e);
        return;
      }
    }
  }

  private void broken(String how) {
    if (!closed) {
      connection.lost(how);
    }
  }

  private void wakeAll() {
    waiting.values().forEach(listener -> listener.accept(UNKNOWN));
  }

  @Override
  public void close() {
    closed = true;
    // Closes the channel under the read.
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
