package dev.mlp.controlplane.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Counts and times of requests by service, operation and status; the JVM's own figures. */
final class RequestMetrics implements AutoCloseable {
  private final MeterRegistry registry;
  private final JvmGcMetrics gc = new JvmGcMetrics();

  RequestMetrics(MeterRegistry registry, ByteBudget budget) {
    this.registry = registry;
    List.of(
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            new ClassLoaderMetrics(),
            new ProcessorMetrics(),
            new FileDescriptorMetrics(),
            new UptimeMetrics(),
            gc)
        .forEach(figures -> figures.bindTo(registry));
    Gauge.builder("mlp.bodies.free.bytes", budget, ByteBudget::free)
        .description("What request bodies may still take of the server's memory")
        .register(registry);
  }

  /** Starts the clock; it stops when the answer is out or the client is gone. */
  Sample start(HttpServerRequest request) {
    Sample sample = new Sample(request, System.nanoTime());
    request.response().endHandler(_ -> sample.stop());
    return sample;
  }

  /** One request, on its event loop. */
  final class Sample {
    private final HttpServerRequest request;
    private final long start;
    private String service = "unknown";
    private String operation = "unknown";

    private Sample(HttpServerRequest request, long start) {
      this.request = request;
      this.start = start;
    }

    void as(String service, String operation) {
      this.service = service;
      this.operation = operation;
    }

    private void stop() {
      Timer.builder("mlp.requests")
          .description("Requests by service, operation and status")
          .tags(
              "service",
              service,
              "operation",
              operation,
              "status",
              Integer.toString(request.response().getStatusCode()))
          .serviceLevelObjectives(
              Duration.ofMillis(5),
              Duration.ofMillis(25),
              Duration.ofMillis(100),
              Duration.ofMillis(500),
              Duration.ofSeconds(2),
              Duration.ofSeconds(10))
          .register(registry)
          .record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void close() {
    gc.close();
  }
}
