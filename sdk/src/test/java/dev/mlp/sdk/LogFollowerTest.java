package dev.mlp.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlp.sdk.testing.FakeAws.Reply;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogFollowerTest {
  private static final String ONE_STREAM = "{'logStreams':[{'logStreamName':'job/algo-1-1'}]}";

  private final Platform platform = new Platform();
  private final List<String> lines = new ArrayList<>();
  private final LogFollower follower = LogFollower.ofTrainingJob(platform.session, "job");

  @AfterEach
  void sentNothingThatSageMakerRefuses() {
    platform.close();
    assertThat(platform.aws.refused()).isEmpty();
  }

  @Test
  void readsToTheEndAndEachLineOnce() {
    List<String> written = new ArrayList<>(List.of("a", "b", "c", "d", "e"));
    platform.aws.on("DescribeLogStreams", Reply.json(ONE_STREAM));
    platform.aws.on("GetLogEvents", request -> page(written, request, 2));

    assertThat(poll()).isEqualTo(5);
    assertThat(poll()).isZero();
    written.add("f");
    assertThat(poll()).isEqualTo(1);

    assertThat(lines).containsExactly("a", "b", "c", "d", "e", "f");
    JsonNode first = platform.aws.calls("GetLogEvents").getFirst();
    assertThat(first.get("startFromHead").asBoolean()).isTrue();
    assertThat(first.get("logGroupName").asText()).isEqualTo("/aws/sagemaker/TrainingJobs");
    assertThat(first.has("nextToken")).isFalse();
    JsonNode streams = platform.aws.calls("DescribeLogStreams").getFirst();
    assertThat(streams.get("logStreamNamePrefix").asText()).isEqualTo("job/");
    assertThat(streams.get("orderBy").asText()).isEqualTo("LogStreamName");
  }

  @Test
  void doesNotTakeAnEmptyPageForTheEnd() {
    platform.aws.on("DescribeLogStreams", Reply.json(ONE_STREAM));
    platform.aws.on(
        "GetLogEvents",
        Reply.json("{'events':[],'nextForwardToken':'t1'}"),
        Reply.json("{'events':[{'timestamp':1,'message':'a'}],'nextForwardToken':'t2'}"),
        Reply.json("{'events':[],'nextForwardToken':'t2'}"));
    assertThat(poll()).isEqualTo(1);
    assertThat(platform.aws.calls("GetLogEvents"))
        .extracting(call -> call.path("nextToken").asText())
        .containsExactly("", "t1", "t2");
  }

  @Test
  void goesOnByTimeWhenATokenIsNoLongerTaken() {
    platform.aws.on("DescribeLogStreams", Reply.json(ONE_STREAM));
    platform.aws.on(
        "GetLogEvents",
        Reply.json(
            "{'events':[{'timestamp':1,'message':'a'},{'timestamp':2,'message':'b'},{'timestamp':2,'message':'c'}],'nextForwardToken':'t1'}"),
        Reply.json("{'events':[],'nextForwardToken':'t1'}"),
        Reply.error(400, "InvalidParameterException", "The specified nextToken is invalid."),
        Reply.json(
            "{'events':[{'timestamp':2,'message':'b'},{'timestamp':2,'message':'c'},{'timestamp':2,'message':'d'},{'timestamp':3,'message':'e'}],'nextForwardToken':'t2'}"),
        Reply.json("{'events':[],'nextForwardToken':'t2'}"));
    poll();
    assertThat(poll()).isEqualTo(2);
    assertThat(lines).containsExactly("a", "b", "c", "d", "e");
    assertThat(platform.aws.calls("GetLogEvents").get(3).get("startTime").asLong()).isEqualTo(2);
  }

  @Test
  void waitsForGroupAndStreamsToAppear() {
    platform.aws.on(
        "DescribeLogStreams",
        Reply.error(400, "ResourceNotFoundException", "The specified log group does not exist."),
        Reply.json("{'logStreams':[]}"),
        Reply.json(ONE_STREAM));
    platform.aws.on(
        "GetLogEvents",
        Reply.json("{'events':[{'timestamp':1,'message':'a'}],'nextForwardToken':'t'}"),
        Reply.json("{'events':[],'nextForwardToken':'t'}"));
    assertThat(poll()).isZero();
    assertThat(poll()).isZero();
    assertThat(poll()).isEqualTo(1);
  }

  @Test
  void readsEveryPageOfStreams() {
    platform.aws.on(
        "DescribeLogStreams",
        request ->
            Reply.json(
                request.has("nextToken")
                    ? "{'logStreams':[{'logStreamName':'job/algo-2-1'}]}"
                    : "{'logStreams':[{'logStreamName':'job/algo-1-1'}],'nextToken':'more'}"));
    platform.aws.on(
        "GetLogEvents",
        request -> page(List.of(request.get("logStreamName").asText()), request, 10));
    assertThat(poll()).isEqualTo(2);
    assertThat(lines).containsExactly("job/algo-1-1", "job/algo-2-1");
    assertThat(follower.streamCount()).isEqualTo(2);
  }

  private int poll() {
    return follower.poll(line -> lines.add(line.message()));
  }

  /** A page as CloudWatch gives it: the token is where to go on, and stays when nothing is left. */
  static Reply page(List<String> written, JsonNode request, int size) {
    int from = Integer.parseInt(request.path("nextToken").asText("f/0").substring(2));
    int to = Math.min(written.size(), from + size);
    StringBuilder events = new StringBuilder();
    for (int i = from; i < to; i++) {
      events
          .append(i == from ? "" : ",")
          .append("{'timestamp':")
          .append(1000 + i)
          .append(",'message':'")
          .append(written.get(i))
          .append("'}");
    }
    return Reply.json("{'events':[" + events + "],'nextForwardToken':'f/" + to + "'}");
  }
}
