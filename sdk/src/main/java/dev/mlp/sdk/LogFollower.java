package dev.mlp.sdk;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.DescribeLogStreamsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.DescribeLogStreamsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.InvalidParameterException;
import software.amazon.awssdk.services.cloudwatchlogs.model.LogStream;
import software.amazon.awssdk.services.cloudwatchlogs.model.OrderBy;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;

/**
 * Reads the log streams of a job or an endpoint, each line once, however often it is polled.
 * Streams may appear at any time.
 *
 * <p>A stream is read by the forward token of its last page: the end is reached when a page gives
 * back the token it was asked with (an empty page alone means nothing). Tokens live for a day; when
 * one is refused, reading goes on by time, leaving out as many events of that very millisecond as
 * were seen.
 *
 * <p>Not safe for use by several threads.
 */
public final class LogFollower {
  /** The log group of training jobs. */
  public static final String TRAINING_JOBS = "/aws/sagemaker/TrainingJobs";

  private static final String ENDPOINTS = "/aws/sagemaker/Endpoints/";
  private static final int STREAMS_PER_PAGE = 50;

  private final CloudWatchLogsClient logs;
  private final String group;
  private final @Nullable String streamPrefix;
  private final Map<String, Position> positions = new HashMap<>();

  private LogFollower(CloudWatchLogsClient logs, String group, @Nullable String streamPrefix) {
    this.logs = logs;
    this.group = group;
    this.streamPrefix = streamPrefix;
  }

  /** The logs of a job's containers. */
  public static LogFollower ofTrainingJob(Session session, String jobName) {
    return new LogFollower(session.logs(), TRAINING_JOBS, jobName + "/");
  }

  /** The logs of all of an endpoint's containers. */
  public static LogFollower ofEndpoint(Session session, String endpointName) {
    return new LogFollower(session.logs(), ENDPOINTS + endpointName, null);
  }

  /**
   * Hands on every line that was written since the last call, stream by stream.
   *
   * @return how many lines there were
   */
  public int poll(Consumer<LogLine> lines) {
    int seen = 0;
    for (String stream : streams()) {
      seen += read(stream, positions.computeIfAbsent(stream, name -> new Position()), lines);
    }
    return seen;
  }

  /** How many streams have appeared so far. */
  public int streamCount() {
    return positions.size();
  }

  private List<String> streams() {
    List<String> names = new ArrayList<>();
    String token = null;
    do {
      DescribeLogStreamsRequest.Builder request =
          DescribeLogStreamsRequest.builder()
              .logGroupName(group)
              .orderBy(OrderBy.LOG_STREAM_NAME)
              .limit(STREAMS_PER_PAGE)
              .nextToken(token);
      if (streamPrefix != null) {
        request.logStreamNamePrefix(streamPrefix);
      }
      DescribeLogStreamsResponse page;
      try {
        page = logs.describeLogStreams(request.build());
      } catch (ResourceNotFoundException e) {
        // The group comes with the first line of the first container.
        return names;
      }
      page.logStreams().stream().map(LogStream::logStreamName).forEach(names::add);
      token = page.nextToken();
    } while (token != null);
    return names;
  }

  private int read(String stream, Position position, Consumer<LogLine> lines) {
    int seen = 0;
    while (true) {
      GetLogEventsResponse page;
      try {
        page = logs.getLogEvents(position.request(group, stream));
      } catch (ResourceNotFoundException e) {
        return seen;
      } catch (InvalidParameterException e) {
        if (position.token == null) {
          throw e;
        }
        position.forgetToken();
        continue;
      }
      for (OutputLogEvent event : page.events()) {
        if (position.isNew(event)) {
          seen++;
          lines.accept(
              new LogLine(stream, Instant.ofEpochMilli(event.timestamp()), event.message()));
        }
      }
      String next = page.nextForwardToken();
      boolean end = next == null || next.equals(position.token);
      position.token = next;
      if (end) {
        return seen;
      }
    }
  }

  /** How far one stream is read: by token, and by time for when the token is no longer taken. */
  private static final class Position {
    private @Nullable String token;
    private long lastTime = Long.MIN_VALUE;
    private int eventsAtLastTime;
    private int toSkip;

    GetLogEventsRequest request(String group, String stream) {
      GetLogEventsRequest.Builder request =
          GetLogEventsRequest.builder()
              .logGroupName(group)
              .logStreamName(stream)
              .startFromHead(true)
              .nextToken(token);
      if (token == null && lastTime != Long.MIN_VALUE) {
        request.startTime(lastTime);
      }
      return request.build();
    }

    void forgetToken() {
      token = null;
      toSkip = eventsAtLastTime;
    }

    boolean isNew(OutputLogEvent event) {
      long time = event.timestamp();
      if (toSkip > 0 && time == lastTime) {
        toSkip--;
        return false;
      }
      toSkip = 0;
      eventsAtLastTime = time == lastTime ? eventsAtLastTime + 1 : 1;
      lastTime = time;
      return true;
    }
  }
}
