package dev.mlp.controlplane.logs;

import dev.mlp.controlplane.access.Tenant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log streams as files below a root: {@code
 * <account>/<region>/aws/sagemaker/TrainingJobs/<job>/algo-1-1700000000.log}, each with a time
 * index beside it ({@code .index}). Safe for any number of threads of one process.
 */
public final class FileLogStore implements LogStore, AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(FileLogStore.class);

  private final LogStreamStore streams;
  private final Path root;
  private final Clock clock;
  private final Map<LogStreamId, GrowingStream> growing = new ConcurrentHashMap<>();
  // Streams that have ended, and when, until the disk takes the last of their times.
  private final Map<LogStreamId, Instant> closing = new ConcurrentHashMap<>();
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("logs-tick").factory());

  /**
   * @param root the folder of all logs; made when it is not there
   */
  public FileLogStore(LogStreamStore streams, Path root, Clock clock) {
    this.streams = streams;
    this.root = root;
    this.clock = clock;
    streams.open().forEach(stream -> growing(stream.id()));
  }

  /** Begins to look for growth every tick: lines get their times as exactly as that. */
  public void start(Duration tick) {
    var _ = ticker.scheduleWithFixedDelay(this::observe, 0, tick.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Looks for growth once, in every stream that may grow. */
  public void observe() {
    growing.forEach((id, stream) -> {
      try {
        observe(id, stream);
      } catch (IOException | RuntimeException e) { // which would silently end all ticks
        logger.warn("cannot index the log {}; trying again at the next tick", id, e);
      }
    });
  }

  @Override
  public void createGroup(Tenant tenant, String group, Instant now) {
    streams.insertGroup(tenant, group, now);
  }

  @Override
  public Path create(LogStreamId id, Instant now) {
    Path file = file(id);
    try {
      Files.createDirectories(file.getParent());
      Files.createFile(file);
    } catch (FileAlreadyExistsException _) {
      // Asked again, or a crash came before the row was written.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    streams.insertGroup(id.tenant(), id.group(), now);
    Optional<LogStreamStore.Stream> present = streams.find(id);
    if (present.isEmpty()) {
      streams.insert(id, now);
    }
    if (present.isEmpty() || present.get().closedAt().isEmpty()) {
      growing(id);
    }
    return file;
  }

  @Override
  public void close(LogStreamId id, Instant now) {
    if (streams.find(id).filter(stream -> stream.closedAt().isEmpty()).isEmpty()) {
      return;
    }
    closing.put(id, now);
    try {
      observe(id, growing(id));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A stream is closed when its times are on disk: nobody looks at it again. */
  private void observe(LogStreamId id, GrowingStream stream) throws IOException {
    Instant end = closing.get(id);
    stream.observe();
    if (end != null && stream.isWritten()) {
      streams.setClosed(id, end);
      closing.remove(id);
      growing.remove(id);
    }
  }

  @Override
  public LogPage read(LogStreamId id, long offset, int maxEvents) {
    return streams.find(id).isEmpty()
        ? new LogPage(List.of(), offset, offset)
        : forward(id, offset, new LogFile.Window(null, null, maxEvents));
  }

  @Override
  public List<String> tail(LogStreamId id, int lines) {
    if (streams.find(id).isEmpty()) {
      return List.of();
    }
    // Also what is left of a line that the program did not live to end.
    try (LogFile log = new LogFile(file(id), index(id), true)) {
      return log.backward(Long.MAX_VALUE, new LogFile.Window(null, null, lines)).events().stream()
          .map(LogEvent::message)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The events from an offset on. */
  LogPage forward(LogStreamId id, long offset, LogFile.Window window) {
    try (LogFile log = open(id)) {
      return log.forward(offset, window);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last events before an offset. */
  LogPage backward(LogStreamId id, long offset, LogFile.Window window) {
    try (LogFile log = open(id)) {
      return log.backward(offset, window);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The stream's times, up to now. */
  TimeIndex index(LogStreamId id) throws IOException {
    GrowingStream stream = growing.get(id);
    if (stream != null) {
      stream.observe();
      return stream.index();
    }
    return TimeIndex.load(indexFile(file(id)));
  }

  /** Closed is asked before the index is read: what a closed stream's index lacks, nobody wrote. */
  private LogFile open(LogStreamId id) throws IOException {
    boolean closed = streams.find(id).filter(stream -> stream.closedAt().isPresent()).isPresent();
    return new LogFile(file(id), index(id), closed);
  }

  private GrowingStream growing(LogStreamId id) {
    return growing.computeIfAbsent(
        id,
        _ -> {
          Path file = file(id);
          try {
            return new GrowingStream(file, indexFile(file), clock);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private Path file(LogStreamId id) {
    Path file = root.resolve(id.tenant().account()).resolve(id.tenant().region());
    String name = id.group() + "/" + id.stream() + ".log";
    for (String segment : name.substring(name.startsWith("/") ? 1 : 0).split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        throw new IllegalArgumentException("log stream " + id + ": no name for a file");
      }
      file = file.resolve(segment);
    }
    return file;
  }

  private static Path indexFile(Path file) {
    return Path.of(file.toString().replaceFirst("\\.log$", ".index"));
  }

  /** Stops looking for growth; what is written meanwhile is found by the next start. */
  @Override
  public void close() {
    ticker.close();
  }
}
