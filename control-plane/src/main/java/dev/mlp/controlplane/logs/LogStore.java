package dev.mlp.controlplane.logs;

import dev.mlp.controlplane.access.Tenant;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Log streams: written by the runtimes straight into files, so that nothing is lost meanwhile. */
public interface LogStore {
  /** Makes the group, unless it is there, so that it can be described before it has a stream. */
  void createGroup(Tenant tenant, String group, Instant now);

  /**
   * Makes the stream and its group, unless they are there, and names its file. Whoever has the file
   * appends whole lines to it; nobody else writes it.
   */
  Path create(LogStreamId id, Instant now);

  /**
   * Says that nobody writes to the stream any more: what is left of a last line without a line
   * break counts as a line from now on. Nothing happens for a stream that is closed or not there.
   */
  void close(LogStreamId id, Instant now);

  /**
   * The events from an offset on, oldest first: whole lines, or the pieces of very long ones. A
   * stream that is not there is empty.
   *
   * @param offset 0, or the end of a page read before
   */
  LogPage read(LogStreamId id, long offset, int maxEvents);

  /** The last lines of the stream, oldest first; empty for a stream that is not there. */
  List<String> tail(LogStreamId id, int lines);
}
