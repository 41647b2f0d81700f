package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.logs.LogPage;
import dev.mlp.controlplane.logs.LogStore;
import dev.mlp.controlplane.logs.LogStreamId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Log streams whose lines the test writes; the same lines in each. */
final class MemoryLogs implements LogStore {
  private final List<LogStreamId> created = new CopyOnWriteArrayList<>();
  private final List<LogStreamId> closed = new CopyOnWriteArrayList<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();

  void line(String line) {
    lines.add(line);
  }

  List<LogStreamId> created() {
    return new ArrayList<>(created);
  }

  List<LogStreamId> closed() {
    return new ArrayList<>(closed);
  }

  @Override
  public void createGroup(Tenant tenant, String group, Instant now) {
    // A group is there with its first stream.
  }

  @Override
  public void close(LogStreamId id, Instant now) {
    closed.add(id);
  }

  @Override
  public LogPage read(LogStreamId id, long offset, int maxEvents) {
    throw new AssertionError("endpoints read no pages");
  }

  @Override
  public Path create(LogStreamId id, Instant now) {
    created.add(id);
    return Path.of("log");
  }

  @Override
  public List<String> tail(LogStreamId id, int count) {
    return lines.subList(Math.max(0, lines.size() - count), lines.size());
  }
}
