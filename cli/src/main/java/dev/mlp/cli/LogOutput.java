package dev.mlp.cli;

import dev.mlp.sdk.LogLine;
import dev.mlp.sdk.TrainingListener;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Log lines on standard output, as text or as one growing JSON array. */
final class LogOutput implements TrainingListener {
  private final Context context;
  private final boolean json;
  private final Set<String> streams = new HashSet<>();
  private long lines;

  LogOutput(Context context, boolean json) {
    this.context = context;
    this.json = json;
  }

  @Override
  public void log(LogLine line) {
    if (json) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("timestamp", line.time().toString());
      entry.put("stream", line.stream());
      entry.put("message", line.message());
      context.out().print((lines == 0 ? "[\n" : ",\n") + Tree.write(entry));
    } else {
      streams.add(line.stream());
      context.out().println(prefix(line.stream(), streams.size() > 1) + line.message());
    }
    lines++;
    context.out().flush();
  }

  /** Ends the document. */
  void end() {
    if (json) {
      context.out().println(lines == 0 ? "[]" : "\n]");
    }
    context.out().flush();
  }

  /** Which container a line is of, once there are several. */
  static String prefix(String stream, boolean several) {
    return several ? stream.substring(stream.indexOf('/') + 1) + " | " : "";
  }
}
