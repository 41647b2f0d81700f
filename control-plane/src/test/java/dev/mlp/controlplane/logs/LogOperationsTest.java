package dev.mlp.controlplane.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.Caller;
import dev.mlp.controlplane.access.Role;
import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.database.Database;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.ErrorCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.cloudwatchlogs.model.DescribeLogStreamsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.DescribeLogStreamsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.LogStream;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;

class LogOperationsTest {
  private static final Tenant TENANT = new Tenant("123456789012", "us-east-1");
  private static final Caller CALLER = new Caller(TENANT, "AKIA", Role.VIEWER);
  private static final String GROUP = "/aws/sagemaker/TrainingJobs";
  private static final String STREAM = "job/algo-1-1700000000";
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  @TempDir Path root;
  private Database database;
  private FileLogStore logs;
  private LogOperations operations;
  private Path file;

  @BeforeEach
  void open() {
    database = Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    restart();
    file = logs.create(id(STREAM), NOW);
  }

  @AfterEach
  void close() {
    logs.close();
    assertThat(database.activeConnections()).isZero();
    database.close();
  }

  /** As after a restart of the server: nothing is remembered but rows and files. */
  private void restart() {
    if (logs != null) {
      logs.close();
    }
    LogStreamStore streams = new LogStreamStore(database.jdbi());
    logs = new FileLogStore(streams, root, Clock.systemUTC());
    operations = new LogOperations(streams, logs);
  }

  private static LogStreamId id(String stream) {
    return new LogStreamId(TENANT, GROUP, stream);
  }

  private void append(String text) throws IOException {
    append(text.getBytes(StandardCharsets.UTF_8));
  }

  private void append(byte[] bytes) throws IOException {
    Files.write(file, bytes, StandardOpenOption.APPEND);
  }

  /** The last change happened so long before the test's time. */
  private void writtenAt(Instant time) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(time));
    logs.observe();
  }

  private GetLogEventsResponse get(UnaryOperator<GetLogEventsRequest.Builder> with) {
    return operations.getLogEvents(
        CALLER,
        with.apply(GetLogEventsRequest.builder().logGroupName(GROUP).logStreamName(STREAM))
            .build());
  }

  private static List<String> messages(GetLogEventsResponse response) {
    return response.events().stream().map(OutputLogEvent::message).toList();
  }

  @Test
  void aDiskThatTakesNoMoreTimesHidesNothing() throws IOException {
    Path index = file.resolveSibling(file.getFileName().toString().replace(".log", ".index"));
    // Leads nowhere: nobody, whatever the rights, can write it.
    Files.createSymbolicLink(index, root.resolve("none").resolve("index"));
    append("one\n");
    writtenAt(NOW);
    append("two\nrest");
    writtenAt(NOW.plusSeconds(1));

    assertThat(messages(get(request -> request))).containsExactly("one", "two");
    LogStream described =
        operations
            .describeLogStreams(
                CALLER, DescribeLogStreamsRequest.builder().logGroupName(GROUP).build())
            .logStreams()
            .getFirst();
    assertThat(described.firstEventTimestamp()).isEqualTo(NOW.toEpochMilli());
    assertThat(described.lastEventTimestamp()).isEqualTo(NOW.plusSeconds(1).toEpochMilli());
    logs.close(id(STREAM), NOW.plusSeconds(2));
    assertThat(logs.tail(id(STREAM), 9)).containsExactly("one", "two", "rest");

    // There is room again: the times are written, and the stream's end is too.
    Files.delete(index);
    logs.observe();
    restart();
    assertThat(messages(get(request -> request))).containsExactly("one", "two", "rest");
    assertThat(get(request -> request).events())
        .extracting(OutputLogEvent::timestamp)
        .containsExactly(
            NOW.toEpochMilli(),
            NOW.plusSeconds(1).toEpochMilli(),
            NOW.plusSeconds(1).toEpochMilli());
  }

  @Test
  void showsWholeLinesOnlyUntilTheStreamIsClosed() throws IOException {
    append("one\ntwo\nthr");
    assertThat(messages(get(request -> request))).containsExactly("one", "two");
    assertThat(messages(get(request -> request.startFromHead(true)))).containsExactly("one", "two");
    append("ee\nfour");
    assertThat(messages(get(request -> request))).containsExactly("one", "two", "three");
    assertThat(logs.tail(id(STREAM), 2)).containsExactly("three", "four");
    logs.close(id(STREAM), NOW);
    assertThat(messages(get(request -> request))).containsExactly("one", "two", "three", "four");
    assertThat(messages(get(request -> request.startFromHead(true)))).hasSize(4);
  }

  @Test
  void theForwardTokenStaysTheSameAtTheEndAndFindsWhatComesLater() throws IOException {
    append("one\n");
    GetLogEventsResponse first = get(request -> request.startFromHead(true));
    GetLogEventsResponse end = get(request -> request.nextToken(first.nextForwardToken()));
    assertThat(end.events()).isEmpty();
    assertThat(end.nextForwardToken()).isEqualTo(first.nextForwardToken());
    append("two\n");
    assertThat(messages(get(request -> request.nextToken(end.nextForwardToken()))))
        .containsExactly("two");
  }

  @Test
  void anEmptyStreamHasTokensToo() {
    for (boolean head : new boolean[] {true, false}) {
      GetLogEventsResponse response = get(request -> request.startFromHead(head));
      assertThat(response.events()).isEmpty();
      assertThat(response.nextForwardToken()).isEqualTo("f/0");
      assertThat(response.nextBackwardToken()).isEqualTo("b/0");
    }
  }

  @Test
  void backwardTokensLeadToTheHeadAndForwardTokensBackToTheEnd() throws IOException {
    List<String> lines = IntStream.range(0, 100).mapToObj(i -> "line " + i).toList();
    append(String.join("\n", lines) + "\nunfinished");
    List<String> seen = new ArrayList<>();
    GetLogEventsResponse page = get(request -> request.limit(7));
    String lastForward = page.nextForwardToken();
    while (!page.events().isEmpty()) {
      seen.addAll(0, messages(page));
      String token = page.nextBackwardToken();
      page = get(request -> request.limit(7).nextToken(token));
    }
    assertThat(seen).isEqualTo(lines);
    assertThat(page.nextBackwardToken()).isEqualTo("b/0");
    seen.clear();
    String token = page.nextForwardToken();
    do {
      String from = token;
      page = get(request -> request.limit(9).nextToken(from));
      seen.addAll(messages(page));
      token = page.nextForwardToken();
    } while (!page.events().isEmpty());
    assertThat(seen).isEqualTo(lines);
    assertThat(token).isEqualTo(lastForward);
  }

  @Test
  void timesAreThoseOfTheWritesAndStayForEver() throws IOException {
    append("one\n");
    writtenAt(NOW);
    append("two\nth");
    writtenAt(NOW.plusSeconds(1));
    append("ree\n");
    writtenAt(NOW.plusSeconds(5));
    List<Long> times = times();
    assertThat(times)
        .containsExactly(
            NOW.toEpochMilli(),
            NOW.plusSeconds(1).toEpochMilli(),
            NOW.plusSeconds(5).toEpochMilli());
    restart();
    Files.setLastModifiedTime(file, FileTime.from(NOW.plusSeconds(60)));
    assertThat(times()).isEqualTo(times);
    logs.close(id(STREAM), NOW.plusSeconds(70));
    assertThat(times()).isEqualTo(times);
  }

  private List<Long> times() {
    return get(request -> request.startFromHead(true)).events().stream()
        .map(OutputLogEvent::timestamp)
        .toList();
  }

  @Test
  void whatWasWrittenWhileTheServerWasDownHasTheTimeOfItsLastWrite() throws IOException {
    append("one\n");
    writtenAt(NOW);
    logs.close();
    append("two\nthree\n");
    Files.setLastModifiedTime(file, FileTime.from(NOW.plusSeconds(30)));
    restart();
    assertThat(times())
        .containsExactly(
            NOW.toEpochMilli(),
            NOW.plusSeconds(30).toEpochMilli(),
            NOW.plusSeconds(30).toEpochMilli());
  }

  @Test
  void anIndexThatACrashCutShortIsWrittenOver() throws IOException {
    append("one\n");
    writtenAt(NOW);
    Path index = Path.of(file.toString().replace(".log", ".index"));
    Files.write(index, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
    restart();
    append("two\n");
    writtenAt(NOW.plusSeconds(1));
    assertThat(times()).containsExactly(NOW.toEpochMilli(), NOW.plusSeconds(1).toEpochMilli());
  }

  @Test
  void theStartTimeIsInclusiveAndTheEndTimeExclusive() throws IOException {
    for (int i = 0; i < 5; i++) {
      append("a" + i + "\nb" + i + "\npart of ");
      writtenAt(NOW.plusSeconds(i));
    }
    for (boolean head : new boolean[] {true, false}) {
      assertThat(
              messages(
                  get(request ->
                      request
                          .startFromHead(head)
                          .startTime(NOW.plusSeconds(1).toEpochMilli())
                          .endTime(NOW.plusSeconds(3).toEpochMilli()))))
          .containsExactly("part of a1", "b1", "part of a2", "b2");
      assertThat(
              messages(
                  get(request ->
                      request
                          .startFromHead(head)
                          .startTime(NOW.plusSeconds(3).plusMillis(1).toEpochMilli()))))
          .containsExactly("part of a4", "b4");
      assertThat(messages(get(request -> request.startFromHead(head).endTime(NOW.toEpochMilli()))))
          .isEmpty();
    }
  }

  @Test
  void cutsVeryLongLinesBetweenCharacters() throws IOException {
    String line = "x" + "ä".repeat(300_000);
    append(line + "\nnext\n");
    GetLogEventsResponse forward = get(request -> request.startFromHead(true));
    assertThat(forward.events()).hasSize(4);
    assertThat(String.join("", messages(forward).subList(0, 3))).isEqualTo(line);
    assertThat(messages(forward).getFirst().getBytes(StandardCharsets.UTF_8).length)
        .isBetween(256 * 1024 - 3, 256 * 1024);
    assertThat(get(request -> request).events()).isEqualTo(forward.events());
    GetLogEventsResponse last = get(request -> request.limit(1));
    GetLogEventsResponse before =
        get(request -> request.limit(1).nextToken(last.nextBackwardToken()));
    assertThat(before.events()).containsExactly(forward.events().get(2));
    GetLogEventsResponse secondBefore =
        get(request -> request.limit(1).nextToken(before.nextBackwardToken()));
    assertThat(secondBefore.events()).containsExactly(forward.events().get(1));
  }

  @Test
  void aLineOfExactlyTheGreatestLengthIsOneEvent() throws IOException {
    append("x".repeat(256 * 1024) + "\nnext\n");
    assertThat(messages(get(request -> request))).hasSize(2).last().isEqualTo("next");
  }

  @Test
  void aPageHasAtMostOneMebibyte() throws IOException {
    for (int i = 0; i < 30; i++) {
      append("x".repeat(100_000) + i + "\n");
    }
    GetLogEventsResponse head = get(request -> request.startFromHead(true));
    assertThat(head.events()).hasSize(10);
    GetLogEventsResponse end = get(request -> request);
    assertThat(end.events()).hasSize(10);
    assertThat(messages(end).getLast()).endsWith("x29");
  }

  @Test
  void replacesWhatIsNoUtf8AndKeepsProgressBars() throws IOException {
    append(new byte[] {'a', (byte) 0xFF, 'b', '\n'});
    append("10%\r50%\r100%\n");
    assertThat(messages(get(request -> request))).containsExactly("a\uFFFDb", "10%\r50%\r100%");
  }

  @Test
  void answersUnknownGroupsAndStreamsAsCloudWatchDoes() {
    assertError(
        () ->
            operations.getLogEvents(
                CALLER,
                GetLogEventsRequest.builder().logGroupName("/none").logStreamName("x").build()),
        ErrorCode.LOGS_RESOURCE_NOT_FOUND,
        "The specified log group does not exist.");
    assertError(
        () -> get(request -> request.logStreamName("none")),
        ErrorCode.LOGS_RESOURCE_NOT_FOUND,
        "The specified log stream does not exist.");
    assertError(
        () -> get(request -> request.nextToken("x/1")),
        ErrorCode.INVALID_PARAMETER,
        "The specified nextToken is invalid.");
    assertError(
        () ->
            operations.describeLogStreams(
                CALLER, DescribeLogStreamsRequest.builder().logGroupName("/none").build()),
        ErrorCode.LOGS_RESOURCE_NOT_FOUND,
        "The specified log group does not exist.");
  }

  private static void assertError(Runnable call, ErrorCode code, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessage(message);
  }

  @Test
  void anotherAccountSeesNothing() {
    Caller other = new Caller(new Tenant("210987654321", "us-east-1"), "AKIB", Role.ADMIN);
    assertThatThrownBy(() ->
            operations.getLogEvents(
                other,
                GetLogEventsRequest.builder().logGroupName(GROUP).logStreamName(STREAM).build()))
        .isInstanceOf(ApiException.class);
  }

  private DescribeLogStreamsResponse describe(
      UnaryOperator<DescribeLogStreamsRequest.Builder> with) {
    return operations.describeLogStreams(
        CALLER, with.apply(DescribeLogStreamsRequest.builder().logGroupName(GROUP)).build());
  }

  private static List<String> names(DescribeLogStreamsResponse response) {
    return response.logStreams().stream().map(LogStream::logStreamName).toList();
  }

  @Test
  void describesStreamsByPrefixWithATokenOnlyWhenThereAreMore() {
    logs.create(id("job_2/algo-1-1"), NOW);
    logs.create(id("jobs/algo-1-1"), NOW);
    logs.create(id("job/algo-2-1700000000"), NOW);
    DescribeLogStreamsResponse all =
        describe(request -> request.logStreamNamePrefix("job/").limit(2));
    assertThat(names(all)).containsExactly(STREAM, "job/algo-2-1700000000");
    assertThat(all.nextToken()).isNull();
    assertThat(names(describe(request -> request.logStreamNamePrefix("job_")))).hasSize(1);
    assertThat(names(describe(request -> request.logStreamNamePrefix("nothing")))).isEmpty();

    List<String> paged = new ArrayList<>();
    String token = null;
    do {
      String from = token;
      DescribeLogStreamsResponse page =
          describe(request -> request.descending(true).limit(1).nextToken(from));
      paged.addAll(names(page));
      token = page.nextToken();
    } while (token != null);
    assertThat(paged).hasSize(4).isSortedAccordingTo((a, b) -> b.compareTo(a));
  }

  @Test
  void describesStreamsByTheTimeOfTheirLastEvent() throws IOException {
    append("one\n");
    writtenAt(NOW);
    logs.create(id("empty"), NOW);
    Path newest = logs.create(id("newest"), NOW);
    Files.writeString(newest, "new\n");
    List<String> paged = new ArrayList<>();
    String token = null;
    do {
      String from = token;
      DescribeLogStreamsResponse page =
          describe(request ->
              request.orderBy("LastEventTime").descending(true).limit(1).nextToken(from));
      paged.addAll(names(page));
      token = page.nextToken();
    } while (token != null);
    assertThat(paged).containsExactly("newest", STREAM, "empty");
    LogStream described =
        describe(request -> request.logStreamNamePrefix("job/")).logStreams().getFirst();
    assertThat(described.firstEventTimestamp()).isEqualTo(NOW.toEpochMilli());
    assertThat(described.arn())
        .isEqualTo(
            "arn:aws:logs:us-east-1:123456789012:log-group:" + GROUP + ":log-stream:" + STREAM);
  }

  @Test
  void aGroupWithoutStreamsIsDescribedAsEmpty() {
    logs.createGroup(TENANT, "/aws/sagemaker/Endpoints/fresh", NOW);
    logs.createGroup(TENANT, "/aws/sagemaker/Endpoints/fresh", NOW);
    DescribeLogStreamsResponse response =
        describe(request -> request.logGroupName("/aws/sagemaker/Endpoints/fresh"));
    assertThat(response.logStreams()).isEmpty();
    assertThat(response.nextToken()).isNull();
  }

  @Test
  void creatingAStreamAgainKeepsWhatItHas() throws IOException {
    append("one\n");
    assertThat(logs.create(id(STREAM), NOW.plusSeconds(9))).isEqualTo(file);
    assertThat(messages(get(request -> request))).containsExactly("one");
  }

  /** SageMaker's Python SDK 2: pages until one is empty; then from the last time on, skipping. */
  @Test
  void pollingByTimeAndCountShowsEachLineOnceWhileItIsWritten() throws Exception {
    int lines = 3000;
    logs.start(Duration.ofMillis(20));
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
                for (int i = 0; i < lines; i++) {
                  String line = "line " + i + "\n";
                  // Halves of lines are on disk now and then.
                  out.write(line.substring(0, 3).getBytes(StandardCharsets.UTF_8));
                  out.write(line.substring(3).getBytes(StandardCharsets.UTF_8));
                  if (i % 300 == 0) {
                    logs.observe();
                  }
                }
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    List<String> seen = new ArrayList<>();
    long startTime = 0;
    int skip = 0;
    boolean last = false;
    while (!last) {
      last = !writer.isAlive();
      String token = null;
      int left = skip;
      long since = startTime;
      int count;
      do {
        String from = token;
        GetLogEventsResponse page =
            get(request -> request.startTime(since).startFromHead(true).limit(100).nextToken(from));
        token = page.nextForwardToken();
        count = page.events().size();
        for (OutputLogEvent event : page.events().subList(Math.min(left, count), count)) {
          seen.add(event.message());
          if (event.timestamp() == startTime) {
            skip++;
          } else {
            startTime = event.timestamp();
            skip = 1;
          }
        }
        left = Math.max(0, left - count);
      } while (count > 0);
    }
    writer.join();
    assertThat(seen).isEqualTo(IntStream.range(0, lines).mapToObj(i -> "line " + i).toList());
  }
}
