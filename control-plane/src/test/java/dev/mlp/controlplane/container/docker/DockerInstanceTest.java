package dev.mlp.controlplane.container.docker;

import static dev.mlp.controlplane.container.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.artifact.TarGz;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an instance finds, and what is found of it. */
final class DockerInstanceTest extends DockerTest {

  @Test
  void seesItsFilesItsNameAndItsEnvironment() throws Exception {
    String seen =
        printed(
            "sees",
            "cat /opt/ml/input/config/hyperparameters.json; echo; hostname; echo $GREETING;"
                + " wget -O - http://algo-1:9/ 2>&1 | grep -q refused && echo resolves;"
                + " for f in model output/data output/intermediate checkpoints code input/data; do"
                + "   stat -c '%a %n' /opt/ml/$f; done");
    assertThat(seen.lines())
        .containsExactly(
            "{\"a\":\"1\"}",
            "algo-1",
            "hello",
            "resolves",
            "777 /opt/ml/model",
            "777 /opt/ml/output/data",
            "777 /opt/ml/output/intermediate",
            "777 /opt/ml/checkpoints",
            "777 /opt/ml/code",
            "777 /opt/ml/input/data");
  }

  @ParameterizedTest
  @EnumSource(DockerSettings.Inputs.class)
  void itsChannelIsItsOwnToWriteAndTheSourceStaysAsItIs(DockerSettings.Inputs inputs)
      throws Exception {
    reopen(engine.settings().withInputs(inputs));
    store.put("s3://bucket/train/run.sh", "echo ran");
    store.put("s3://bucket/train/deep/b.csv", "2");
    Member member =
        member("chmod", "test-image")
            .inputs(input("s3://bucket/train", "input/data/train"))
            .outputs(output("input/data/train", "s3://bucket/after.tar.gz"))
            .script(
                "cd /opt/ml/input/data/train && chmod +x run.sh && ./run.sh && echo 3 >>"
                    + " deep/b.csv && rm deep/b.csv && echo new > deep/c.csv; mount | grep -c"
                    + " overlay.*/opt/ml/input");
    InstanceGroupSpec spec = start(member);
    assertThat(exit(spec).code()).isIn(0, 1);
    assertThat(log(spec).lines())
        .containsExactly("ran", inputs == DockerSettings.Inputs.COPIED ? "0" : mounts());
    assertThat(TarGz.entries(store.get("s3://bucket/after.tar.gz")))
        .contains(Map.entry("run.sh", "echo ran"), Map.entry("deep/c.csv", "new\n"))
        .doesNotContainKey("deep/b.csv");
    try (Stream<Path> cached = Files.walk(folder.resolve("cache"))) {
      List<Path> files = cached.filter(Files::isRegularFile).toList();
      assertThat(files.stream().map(file -> file.getFileName().toString()))
          .contains("run.sh", "b.csv")
          .doesNotContain("c.csv");
      for (Path file : files) {
        if (file.endsWith("run.sh")) {
          assertThat(Files.isExecutable(file)).isFalse();
        }
        if (file.endsWith("b.csv")) {
          assertThat(file).hasContent("2");
        }
      }
    }
  }

  /** Where this process is not root, inputs are copied too. */
  private static String mounts() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0) ? "1" : "0";
  }

  @ParameterizedTest
  @EnumSource(DockerSettings.Inputs.class)
  void anotherUserThanRootCanWriteWhereItHasTo(DockerSettings.Inputs inputs) throws Exception {
    reopen(engine.settings().withInputs(inputs));
    store.put("s3://bucket/train/deep/b.csv", "2");
    InstanceGroupSpec spec =
        start(
            member("user", TestEngine.USER_IMAGE)
                .inputs(input("s3://bucket/train", "input/data/train"))
                .outputs(output("model", "s3://bucket/user.tar.gz"))
                .script(
                    "id -u; cat /opt/ml/code/own.txt; echo; pwd; echo $FROM_IMAGE;"
                        + " cat /opt/ml/input/data/train/deep/b.csv; echo;"
                        + " echo w > /opt/ml/model/w && echo x > /opt/ml/output/failure &&"
                        + " echo n > /opt/ml/input/data/train/new &&"
                        + " chmod 755 /opt/ml/input/data/train/deep/b.csv &&"
                        + " echo more >> /opt/ml/input/data/train/deep/b.csv &&"
                        + " rm /opt/ml/input/data/train/deep/b.csv && echo done;"
                        + " grep Cap /proc/self/status | grep -v Bnd | tr -d '\\t '"));
    assertThat(exit(spec).code()).isZero();
    assertThat(log(spec).lines())
        .startsWith("10001", "mine", "/opt/ml/code", "yes", "2", "done")
        .contains("CapEff:0000000000000000", "CapPrm:0000000000000000");
    assertThat(exit(spec).failure()).contains("x\n");
    assertThat(TarGz.entries(store.get("s3://bucket/user.tar.gz")))
        .containsExactly(Map.entry("w", "w\n"));
  }

  @Test
  void everyByteReachesTheLogOnceThoughTheServerRestarts() throws Exception {
    InstanceGroupSpec spec = start(member("bytes", "test-image").script("seq 1 200000; echo end"));
    int reopened = 0;
    while (!observe(spec).phase().terminal() && reopened < 4) {
      long before = size(spec);
      eventually(() -> size(spec), now -> now > before || observe(spec).phase().terminal());
      reopen(engine.settings());
      reopened++;
    }
    exit(spec);
    assertThat(reopened).isPositive();
    try (Stream<String> lines = Files.lines(spec.members().getFirst().log())) {
      int[] expected = {0};
      lines
          .limit(200_000)
          .forEach(line -> assertThat(line).isEqualTo(Integer.toString(++expected[0])));
      assertThat(expected[0]).isEqualTo(200_000);
    }
    assertThat(log(spec)).endsWith("200000\nend\n").hasSize(1_288_895 + 4);
  }

  @Test
  void longLinesAndBytesThatAreNoTextReachTheLog() throws Exception {
    InstanceGroupSpec spec =
        start(
            member("binary", "test-image")
                .script(
                    "printf '\\377\\376\\0abc\\n';"
                        + " head -c 100000 /dev/zero | tr '\\0' z; echo;"
                        + " head -c 16384 /dev/zero | tr '\\0' y; echo; echo end"));
    exit(spec);
    byte[] expected =
        ("\u00ff\u00fe\0abc\n" + "z".repeat(100_000) + "\n" + "y".repeat(16_384) + "\nend\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    assertThat(Files.readAllBytes(spec.members().getFirst().log())).isEqualTo(expected);
  }
}
