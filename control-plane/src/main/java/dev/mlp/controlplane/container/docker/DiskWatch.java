package dev.mlp.controlplane.container.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.local.MemberFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures again and again what a container has written: its own layer, over its inputs, its log.
 */
final class DiskWatch implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(DiskWatch.class);

  /** Measuring takes this share of the time at most. */
  private static final int SHARE = 20;

  private final Containers containers;
  private final String container;
  private final MemberSpec member;
  private final MemberFolder folder;
  private final Duration interval;
  private final LongConsumer measured;
  private final Worker worker;

  /**
   * @param measured told from a thread of its own
   */
  DiskWatch(
      Containers containers,
      String container,
      MemberSpec member,
      MemberFolder folder,
      Duration interval,
      LongConsumer measured) {
    this.containers = containers;
    this.container = container;
    this.member = member;
    this.folder = folder;
    this.interval = interval;
    this.measured = measured;
    this.worker = Worker.start(container + " disk", this::watch);
  }

  private void watch() {
    Duration pause = interval;
    try {
      while (true) {
        Thread.sleep(pause);
        long began = System.nanoTime();
        try {
          OptionalLong bytes = measure();
          if (bytes.isPresent()) {
            measured.accept(bytes.getAsLong());
          }
        } catch (IOException e) {
          logger.debug("{}: cannot tell what it has written", container, e);
        }
        Duration taken = Duration.ofNanos(System.nanoTime() - began).multipliedBy(SHARE);
        pause = taken.compareTo(interval) > 0 ? taken : interval;
      }
    } catch (InterruptedException e) {
      logger.debug("{}: no longer measured", container, e);
    }
  }

  private OptionalLong measure() throws IOException {
    Optional<InspectContainerResponse> found = containers.find(container, true);
    if (found.isEmpty() || found.get().getSizeRw() == null) {
      return OptionalLong.empty();
    }
    long log = Files.exists(member.log()) ? Files.size(member.log()) : 0;
    return OptionalLong.of(found.get().getSizeRw() + OverlayInputs.bytes(folder) + log);
  }

  @Override
  public void close() {
    worker.close();
  }
}
