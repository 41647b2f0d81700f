package dev.mlp.training.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFilesTest {
  private static final ResourceConfig RESOURCES =
      new ResourceConfig(
          "algo-1",
          "ml.m5.large",
          "homogeneousCluster",
          List.of("algo-1", "algo-2"),
          List.of(
              new InstanceGroup("homogeneousCluster", "ml.m5.large", List.of("algo-1", "algo-2"))),
          "eth0");

  @TempDir Path folder;

  @Test
  void writesTheThreeFiles() throws Exception {
    MlPaths paths = new MlPaths(folder.resolve("one"));
    ConfigFiles.write(
        paths,
        Map.of("epochs", "3", "name", "\"h\u00e9\""),
        List.of(
            new ChannelConfig("train", "File", "FullyReplicated", "None", "text/csv"),
            new ChannelConfig("test", "FastFile", "ShardedByS3Key", "RecordIO", null)),
        RESOURCES);

    assertThat(paths.hyperparametersFile())
        .hasContent("{\"epochs\":\"3\",\"name\":\"\\\"h\\u00e9\\\"\"}");
    assertThat(paths.inputDataConfigFile())
        .hasContent(
            "{\"test\":{\"RecordWrapperType\":\"RecordIO\",\"S3DistributionType\":"
                + "\"ShardedByS3Key\",\"TrainingInputMode\":\"FastFile\"},\"train\":"
                + "{\"ContentType\":\"text/csv\",\"RecordWrapperType\":\"None\","
                + "\"S3DistributionType\":\"FullyReplicated\",\"TrainingInputMode\":\"File\"}}");
    assertThat(paths.resourceConfigFile())
        .hasContent(
            "{\"current_group_name\":\"homogeneousCluster\",\"current_host\":\"algo-1\","
                + "\"current_instance_type\":\"ml.m5.large\",\"hosts\":[\"algo-1\",\"algo-2\"],"
                + "\"instance_groups\":[{\"hosts\":[\"algo-1\",\"algo-2\"],"
                + "\"instance_group_name\":\"homogeneousCluster\",\"instance_type\":"
                + "\"ml.m5.large\"}],\"network_interface_name\":\"eth0\"}");
  }

  @Test
  void writingAgainReplacesAndLeavesNothingElse() throws Exception {
    MlPaths paths = new MlPaths(folder);
    ConfigFiles.write(paths, Map.of("epochs", "3"), List.of(), RESOURCES);
    ConfigFiles.write(paths, Map.of("epochs", "4"), List.of(), RESOURCES);
    assertThat(paths.hyperparametersFile()).hasContent("{\"epochs\":\"4\"}");
    assertThat(paths.inputDataConfigFile()).hasContent("{}");
    try (Stream<Path> files = Files.list(paths.inputConfig())) {
      assertThat(files).hasSize(3);
    }
    assertThat(Files.getPosixFilePermissions(paths.hyperparametersFile()))
        .contains(PosixFilePermission.OTHERS_READ);
  }

  @Test
  void whatIsWrittenIsReadBack() throws Exception {
    MlPaths paths = new MlPaths(folder);
    ConfigFiles.write(paths, Map.of("lr", "0.10", "sagemaker_program", "x"), List.of(), RESOURCES);
    TrainingInputs inputs = TrainingInputs.read(paths);
    assertThat(inputs.hyperparameters().user().json()).isEqualTo("{\"lr\":0.1}");
    assertThat(inputs.resources().get("hosts").json()).isEqualTo("[\"algo-1\",\"algo-2\"]");
  }

  @Test
  void aBrokenFileIsNamed() throws Exception {
    MlPaths paths = new MlPaths(folder);
    ConfigFiles.write(paths, Map.of(), List.of(), RESOURCES);
    Files.writeString(paths.inputDataConfigFile(), "[]");
    assertThatThrownBy(() -> TrainingInputs.read(paths))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("inputdataconfig.json must hold a JSON object");
    Files.writeString(paths.inputDataConfigFile(), "{");
    assertThatThrownBy(() -> TrainingInputs.read(paths))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("inputdataconfig.json is no JSON: expected a key");
  }
}
