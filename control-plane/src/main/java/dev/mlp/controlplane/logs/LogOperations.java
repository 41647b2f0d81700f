package dev.mlp.controlplane.logs;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import dev.mlp.controlplane.wire.PageToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatchlogs.model.DescribeLogStreamsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.DescribeLogStreamsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.LogStream;
import software.amazon.awssdk.services.cloudwatchlogs.model.OrderBy;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;

/** The operations of CloudWatch Logs that read. */
public final class LogOperations {
  private static final int MAX_STREAMS = 50;
  private static final int MAX_EVENTS = 10_000;

  private final LogStreamStore streams;
  private final FileLogStore logs;

  public LogOperations(LogStreamStore streams, FileLogStore logs) {
    this.streams = streams;
    this.logs = logs;
  }

  /** A row of the answer, with what the list may be ordered by. */
  private record Described(LogStream stream, long lastEventMillis) {}

  /**
   * The streams of a group, by name or by the time of their last event. The answer has a token only
   * when there are more: SageMaker's Python SDK 2 would ask for ever.
   */
  public DescribeLogStreamsResponse describeLogStreams(
      Caller caller, DescribeLogStreamsRequest request) {
    Tenant tenant = caller.tenant();
    String group = group(request.logGroupName(), request.logGroupIdentifier());
    if (!streams.groupExists(tenant, group)) {
      throw new ApiException(
          ErrorCode.LOGS_RESOURCE_NOT_FOUND, "The specified log group does not exist.");
    }
    String prefix = Objects.requireNonNullElse(request.logStreamNamePrefix(), "");
    boolean descending = Boolean.TRUE.equals(request.descending());
    int limit = Math.clamp(Objects.requireNonNullElse(request.limit(), MAX_STREAMS), 1, 50);
    boolean byTime = request.orderBy() == OrderBy.LAST_EVENT_TIME;
    if (byTime && !prefix.isEmpty()) {
      throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    return byTime
        ? byLastEvent(tenant, group, descending, limit, request.nextToken())
        : byName(tenant, group, prefix, descending, limit, request.nextToken());
  }

  private DescribeLogStreamsResponse byName(
      Tenant tenant,
      String group,
      String prefix,
      boolean descending,
      int limit,
      @Nullable String token) {
    String after = token == null ? "" : position(token, 1).getFirst();
    List<LogStreamStore.Stream> rows =
        streams.byName(tenant, group, prefix, after, descending, limit + 1);
    List<LogStreamStore.Stream> page = rows.subList(0, Math.min(limit, rows.size()));
    return DescribeLogStreamsResponse.builder()
        .logStreams(page.stream().map(row -> described(row).stream()).toList())
        .nextToken(
            rows.size() > limit
                ? new PageToken(List.of(page.getLast().id().stream())).encode()
                : null)
        .build();
  }

  /** The times lie in files, so the whole group is read and sorted here. */
  private DescribeLogStreamsResponse byLastEvent(
      Tenant tenant, String group, boolean descending, int limit, @Nullable String token) {
    Comparator<Described> order =
        Comparator.comparingLong(Described::lastEventMillis)
            .thenComparing(row -> row.stream().logStreamName());
    if (descending) {
      order = order.reversed();
    }
    List<Described> rows = new ArrayList<>();
    for (LogStreamStore.Stream row :
        streams.byName(tenant, group, "", "", false, Integer.MAX_VALUE)) {
      rows.add(described(row));
    }
    rows.sort(order);
    if (token != null) {
      Described last = last(position(token, 2));
      Comparator<Described> ordered = order;
      rows.removeIf(row -> ordered.compare(row, last) <= 0);
    }
    List<Described> page = rows.subList(0, Math.min(limit, rows.size()));
    return DescribeLogStreamsResponse.builder()
        .logStreams(page.stream().map(Described::stream).toList())
        .nextToken(rows.size() > limit ? token(page.getLast()) : null)
        .build();
  }

  private static String token(Described row) {
    return new PageToken(
            List.of(Long.toString(row.lastEventMillis()), row.stream().logStreamName()))
        .encode();
  }

  private static Described last(List<String> position) {
    try {
      return new Described(
          LogStream.builder().logStreamName(position.get(1)).build(),
          Long.parseLong(position.getFirst()));
    } catch (NumberFormatException _) {
      throw invalid("The specified nextToken is invalid.");
    }
  }

  private Described described(LogStreamStore.Stream row) {
    LogStreamId id = row.id();
    TimeIndex index;
    try {
      index = logs.index(id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LogStream.Builder stream =
        LogStream.builder()
            .logStreamName(id.stream())
            .creationTime(row.createdAt().toEpochMilli())
            .arn(
                "arn:aws:logs:%s:%s:log-group:%s:log-stream:%s"
                    .formatted(
                        id.tenant().region(), id.tenant().account(), id.group(), id.stream()));
    if (index.entries() > 0) {
      stream
          .firstEventTimestamp(index.firstMillis())
          .lastEventTimestamp(index.lastMillis())
          .lastIngestionTime(index.lastMillis());
    }
    return new Described(stream.build(), index.lastMillis());
  }

  /**
   * A page of a stream's events. Both tokens are always there; where nothing follows, the token is
   * the same again, and finds what has been written meanwhile.
   */
  public GetLogEventsResponse getLogEvents(Caller caller, GetLogEventsRequest request) {
    LogStreamId id =
        new LogStreamId(
            caller.tenant(),
            group(request.logGroupName(), request.logGroupIdentifier()),
            request.logStreamName());
    if (streams.find(id).isEmpty()) {
      throw new ApiException(
          ErrorCode.LOGS_RESOURCE_NOT_FOUND,
          streams.groupExists(id.tenant(), id.group())
              ? "The specified log stream does not exist."
              : "The specified log group does not exist.");
    }
    LogPage page = page(id, request);
    return GetLogEventsResponse.builder()
        .events(page.events().stream().map(LogOperations::event).toList())
        .nextForwardToken("f/" + page.end())
        .nextBackwardToken("b/" + page.start())
        .build();
  }

  private LogPage page(LogStreamId id, GetLogEventsRequest request) {
    LogFile.Window window =
        new LogFile.Window(
            instant(request.startTime()),
            instant(request.endTime()),
            Math.clamp(Objects.requireNonNullElse(request.limit(), MAX_EVENTS), 1, MAX_EVENTS));
    String token = request.nextToken();
    if (token == null) {
      return Boolean.TRUE.equals(request.startFromHead())
          ? logs.forward(id, 0, window)
          : logs.backward(id, Long.MAX_VALUE, window);
    }
    long offset = offset(token);
    if (token.startsWith("f/")) {
      return logs.forward(id, offset, window);
    }
    LogPage page = logs.backward(id, offset, window);
    // Nothing before it: reading on from here must not show the page after it twice.
    return page.events().isEmpty() ? new LogPage(List.of(), offset, offset) : page;
  }

  private static long offset(String token) {
    if (token.matches("[fb]/\\d{1,18}")) {
      return Long.parseLong(token.substring(2));
    }
    throw invalid("The specified nextToken is invalid.");
  }

  private static OutputLogEvent event(LogEvent event) {
    return OutputLogEvent.builder()
        .timestamp(event.time().toEpochMilli())
        .ingestionTime(event.time().toEpochMilli())
        .message(event.message())
        .build();
  }

  /** The group by its name or by its ARN. */
  private static String group(@Nullable String name, @Nullable String identifier) {
    if (name != null && identifier != null) {
      throw invalid("Only one of logGroupName and logGroupIdentifier can be given.");
    }
    String group = name != null ? name : identifier;
    if (group == null) {
      throw invalid("One of logGroupName and logGroupIdentifier is required.");
    }
    String marker = ":log-group:";
    int arn = group.startsWith("arn:") ? group.indexOf(marker) : -1;
    return arn < 0 ? group : group.substring(arn + marker.length()).replaceFirst(":\\*$", "");
  }

  private static @Nullable Instant instant(@Nullable Long epochMillis) {
    return epochMillis == null ? null : Instant.ofEpochMilli(epochMillis);
  }

  private static List<String> position(String token, int parts) {
    List<String> position;
    try {
      position = PageToken.decode(token).position();
    } catch (ApiException e) {
      throw invalid("The specified nextToken is invalid.");
    }
    if (position.size() != parts) {
      throw invalid("The specified nextToken is invalid.");
    }
    return position;
  }

  private static ApiException invalid(String message) {
    return new ApiException(ErrorCode.INVALID_PARAMETER, message);
  }
}
