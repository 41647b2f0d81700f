package dev.mlp.controlplane.logs;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Log streams: written by the runtimes straight into files, so that nothing is lost meanwhile. */
public interface LogStore {
  /**
   * Makes the stream, unless it is there, and names its file. Whoever has the file appends whole
   * lines to it; nobody else writes it.
   */
  Path create(LogStreamId id, Instant now);

  /** The last lines of the stream, oldest first; empty for a stream that is not there. */
  List<String> tail(LogStreamId id, int lines);
}
