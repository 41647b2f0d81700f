package dev.mlp.controlplane.container.docker;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the engine: what fails comes out as {@link EngineException}, {@link
 * EngineAwayException} or, after an interrupt, {@link InterruptedIOException}. Safe for any number
 * of threads.
 */
final class EngineConnection implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(EngineConnection.class);
  private static final ObjectMapper mapper = new ObjectMapper();
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(5);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LEAVING = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** A request; repeating it has to be harmless for {@link #patiently}. */
  interface Request<T> {
    T send(DockerClient client) throws IOException;
  }

  /** When the engine did not answer, by this machine's clock. */
  record Absence(Instant from, Instant to) {}

  private final URI address;
  private final Clock clock;
  private final DockerHttpClient transport;
  private final DockerHttpClient streams;
  private final DockerClient client;
  private final DockerClient streamClient;
  private final boolean quiet;
  private final Object lock = new Object();
  private @Nullable Instant awaySince;
  private @Nullable Absence lastAbsence;

  EngineConnection(DockerClientConfig config, Clock clock) {
    this(config, clock, false);
  }

  /**
   * @param quiet an engine that does not answer is nothing to log
   */
  EngineConnection(DockerClientConfig config, Clock clock, boolean quiet) {
    this.quiet = quiet;
    this.address = config.getDockerHost();
    this.clock = clock;
    this.transport = transport(config, ANSWER_TIMEOUT);
    // Silence of a stream means that nothing happens.
    this.streams = transport(config, Duration.ZERO);
    this.client = DockerClientImpl.getInstance(config, transport);
    this.streamClient = DockerClientImpl.getInstance(config, streams);
  }

  private static DockerHttpClient transport(DockerClientConfig config, Duration answerTimeout) {
    return new ZerodepDockerHttpClient.Builder()
        .dockerHost(config.getDockerHost())
        .sslConfig(config.getSSLConfig())
        .connectionTimeout(CONNECT_TIMEOUT)
        .responseTimeout(answerTimeout)
        .build();
  }

  URI address() {
    return address;
  }

  /** On this machine, as far as the address tells. */
  boolean isLocal() {
    return "unix".equals(address.getScheme());
  }

  /** The last time that the engine was away and came back; empty when it never was. */
  Optional<Absence> lastAbsence() {
    synchronized (lock) {
      return Optional.ofNullable(lastAbsence);
    }
  }

  boolean isAway() {
    synchronized (lock) {
      return awaySince != null;
    }
  }

  /** Sends it once. */
  <T> T call(Request<T> request) throws IOException {
    return attempt(client, request);
  }

  /** As {@link #call}, for what takes as long as it takes. */
  <T> T stream(Request<T> request) throws IOException {
    return attempt(streamClient, request);
  }

  private <T> T attempt(DockerClient through, Request<T> request) throws IOException {
    try {
      T answer = request.send(through);
      answered();
      return answer;
    } catch (RuntimeException e) {
      throw translated(e);
    }
  }

  /** One request; like {@link #call}, but sent again until the engine answers. */
  <T> T patiently(Request<T> request) throws IOException, InterruptedException {
    return whenThere(() -> call(request));
  }

  /** Something that asks the engine. */
  interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  /** Runs it again for as long as the engine is away: that is never an end. */
  <T> T whenThere(Work<T> work) throws IOException, InterruptedException {
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        return work.run();
      } catch (EngineAwayException e) {
        Thread.sleep(pause);
        pause = longer(pause);
      } catch (EngineException e) {
        // An engine that is about to go away fails in words of its own first.
        if (!e.isItsOwnFault() || !isAwayWithin(LEAVING)) {
          throw e;
        }
      } catch (InterruptedIOException e) {
        if (!Thread.interrupted()) {
          throw e;
        }
        InterruptedException interrupted = new InterruptedException(e.getMessage());
        interrupted.initCause(e);
        throw interrupted;
      }
    }
  }

  /** Whether it does not answer now, or some time soon. */
  boolean isAwayWithin(Duration time) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + time.toNanos();
    while (true) {
      try {
        call(docker -> docker.pingCmd().exec());
      } catch (EngineAwayException e) {
        return true;
      } catch (EngineException e) {
        logger.debug("the engine at {} answers, though not well", address, e);
      }
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(FIRST_PAUSE);
    }
  }

  static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
  }

  /**
   * What docker-java has no command for, or no good one.
   *
   * @param path with its query, encoded
   * @return to be closed by the caller; an interrupt ends its body with an exception
   */
  DockerHttpClient.Response get(String path) throws IOException {
    return get(streams, path);
  }

  private DockerHttpClient.Response get(DockerHttpClient client, String path) throws IOException {
    DockerHttpClient.Request request =
        DockerHttpClient.Request.builder()
            .method(DockerHttpClient.Request.Method.GET)
            .path(path)
            .build();
    DockerHttpClient.Response response = stream(_ -> client.execute(request));
    int status = response.getStatusCode();
    if (status < 300) {
      return response;
    }
    try (response;
        InputStream body = response.getBody()) {
      String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
      throw new EngineException(message(text), status);
    }
  }

  /** An answer that is one JSON value. */
  JsonNode getJson(String path) throws IOException {
    try (DockerHttpClient.Response response = get(transport, path);
        InputStream body = response.getBody()) {
      return mapper.readTree(body);
    }
  }

  /** What docker-java threw, as what it is here. */
  IOException translated(RuntimeException e) {
    if (Thread.currentThread().isInterrupted()) {
      InterruptedIOException interrupted = new InterruptedIOException("interrupted");
      interrupted.initCause(e);
      return interrupted;
    }
    if (e instanceof DockerException refusal) {
      answered();
      return new EngineException(
          message(String.valueOf(refusal.getMessage())), refusal.getHttpStatus(), e);
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException && !(cause instanceof JacksonException)) {
        lost(cause.toString());
        return new EngineAwayException(
            "The Docker engine at %s does not answer: %s".formatted(address, words(cause)), e);
      }
    }
    throw e;
  }

  private static String words(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  /** docker-java's is {@code Status 404: {"message":"No such container: x"}}. */
  static String message(String text) {
    int json = text.indexOf('{');
    if (json >= 0) {
      try {
        JsonNode message = mapper.readTree(text.substring(json)).get("message");
        if (message != null && message.isTextual()) {
          return message.asText();
        }
      } catch (JacksonException e) {
        // Then it is no JSON, and says it all by itself.
        return text.strip();
      }
    }
    return text.strip();
  }

  /** Somebody saw that the engine is gone. */
  void lost(String why) {
    synchronized (lock) {
      if (awaySince == null) {
        awaySince = clock.instant();
        if (quiet) {
          return;
        }
        logger.warn("the Docker engine at {} is away, waiting for it: {}", address, why);
      }
    }
  }

  /** Somebody got an answer. */
  void answered() {
    synchronized (lock) {
      if (awaySince != null) {
        lastAbsence = new Absence(awaySince, clock.instant());
        awaySince = null;
        logger.info("the Docker engine at {} is back", address);
      }
    }
  }

  @Override
  public void close() {
    try (transport;
        streams) {
      logger.debug("closing the connection to {}", address);
    } catch (IOException e) {
      logger.debug("cannot close the connection to {}", address, e);
    }
  }
}
