package dev.mlp.training.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The documented example, row by row, through the files that the platform writes. */
class ReferenceTableTest {
  private final Map<String, String> hyperparameters = new LinkedHashMap<>();

  ReferenceTableTest() {
    hyperparameters.put("epochs", "3");
    hyperparameters.put("b", "7");
    hyperparameters.put("batch-size", "64");
    hyperparameters.put("flag", "true");
    hyperparameters.put("list", "[1, 2]");
    hyperparameters.put("lr", "0.1");
    hyperparameters.put("name", "\"abc\"");
    hyperparameters.put("nested", "{\"a\": 1}");
    hyperparameters.put("plain", "abc");
    hyperparameters.put("sagemaker_program", "\"train.py\"");
    hyperparameters.put(
        "sagemaker_submit_directory", "\"s3://bucket/job/source/sourcedir.tar.gz\"");
    hyperparameters.put("sagemaker_container_log_level", "20");
    hyperparameters.put("sagemaker_job_name", "\"job\"");
    hyperparameters.put("sagemaker_region", "\"us-east-1\"");
    hyperparameters.put("sagemaker_mpi_enabled", "false");
    hyperparameters.put("_tuning_objective_metric", "\"auc\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          SM_MODEL_DIR                     | /opt/ml/model
          SM_INPUT_DIR                     | /opt/ml/input
          SM_INPUT_CONFIG_DIR              | /opt/ml/input/config
          SM_OUTPUT_DIR                    | /opt/ml/output
          SM_OUTPUT_DATA_DIR               | /opt/ml/output/data
          SM_OUTPUT_INTERMEDIATE_DIR       | /opt/ml/output/intermediate
          SM_CHANNELS                      | ["test-set","train"]
          SM_CHANNEL_TRAIN                 | /opt/ml/input/data/train
          SM_CHANNEL_TEST-SET              | /opt/ml/input/data/test-set
          SM_HPS                           | {"b":7,"batch-size":64,"epochs":3,"flag":true,"list":[1,2],"lr":0.1,"name":"abc","nested":{"a":1},"plain":"abc"}
          SM_HP_EPOCHS                     | 3
          SM_HP_BATCH-SIZE                 | 64
          SM_HP_FLAG                       | true
          SM_HP_LIST                       | [1,2]
          SM_USER_ARGS                     | ["-b","7","--batch-size","64","--epochs","3","--flag","True","--list","[1, 2]","--lr","0.1","--name","abc","--nested","a=1","--plain","abc"]
          SM_HOSTS                         | ["algo-1"]
          SM_CURRENT_HOST                  | algo-1
          SM_CURRENT_INSTANCE_TYPE         | ml.m5.large
          SM_CURRENT_INSTANCE_GROUP        | homogeneousCluster
          SM_CURRENT_INSTANCE_GROUP_HOSTS  | ["algo-1"]
          SM_INSTANCE_GROUPS               | ["homogeneousCluster"]
          SM_INSTANCE_GROUPS_DICT          | {"homogeneousCluster":{"hosts":["algo-1"],"instance_group_name":"homogeneousCluster","instance_type":"ml.m5.large"}}
          SM_DISTRIBUTION_INSTANCE_GROUPS  | []
          SM_IS_HETERO                     | false
          SM_NUM_CPUS                      | 2
          SM_NUM_GPUS                      | 0
          SM_NUM_NEURONS                   | 0
          SM_NETWORK_INTERFACE_NAME        | eth0
          SM_LOG_LEVEL                     | 20
          SM_MODULE_NAME                   | train
          SM_USER_ENTRY_POINT              | train.py
          SM_MODULE_DIR                    | s3://bucket/job/source/sourcedir.tar.gz
          SM_FRAMEWORK_MODULE              | ``
          SM_FRAMEWORK_PARAMS              | {"sagemaker_mpi_enabled":false}
          SM_RESOURCE_CONFIG               | {"current_group_name":"homogeneousCluster","current_host":"algo-1","current_instance_type":"ml.m5.large","hosts":["algo-1"],"instance_groups":[{"hosts":["algo-1"],"instance_group_name":"homogeneousCluster","instance_type":"ml.m5.large"}],"network_interface_name":"eth0"}
          SM_INPUT_DATA_CONFIG             | {"test-set":{"RecordWrapperType":"None","S3DistributionType":"FullyReplicated","TrainingInputMode":"File"},"train":{"ContentType":"text/csv","RecordWrapperType":"None","S3DistributionType":"FullyReplicated","TrainingInputMode":"File"}}
          SAGEMAKER_JOB_NAME               | job
          CURRENT_HOST                     | algo-1
          SAGEMAKER_REGION                 | us-east-1
          """)
  void hasTheDocumentedValue(String variable, String value) throws Exception {
    assertThat(environment().variables()).containsEntry(variable, value);
  }

  @Test
  void hasNoVariablesForWhatIsMeantForTheContainer() throws Exception {
    assertThat(environment().variables().keySet())
        .noneMatch(name -> name.startsWith("SM_HP_SAGEMAKER_") || name.contains("_TUNING_"));
  }

  @ParameterizedTest
  @CsvSource({
    "train.py,train",
    "train.sh,train.sh",
    "bin/train.py,bin/train",
    "train.jar,train.jar",
    "train,train"
  })
  void onlyPythonsEndingIsCutFromTheModulesName(String program, String module) throws Exception {
    hyperparameters.put("sagemaker_program", program);
    assertThat(environment().variables())
        .containsEntry("SM_MODULE_NAME", module)
        .containsEntry("SM_USER_ENTRY_POINT", program);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          0.0000001            | 1e-07                | 1e-07
          1e-07                | 1e-07                | 1e-07
          12345678901234567890 | 12345678901234567890 | 12345678901234567890
          1.10                 | 1.1                  | 1.1
          007                  | 007                  | 007
          True                 | True                 | True
          true                 | true                 | True
          Infinity             | Infinity             | inf
          -Infinity            | -Infinity            | -inf
          NaN                  | NaN                  | nan
          null                 | ``                   | ``
          ``                   | ``                   | ``
          [1, "it's", null]    | [1,"it's",null]      | [1, "it's", None]
          {"k":1,"j":"v"}      | {"j":"v","k":1}      | j=v,k=1
          """)
  void valuesAreWrittenAsPythonWritesThem(String given, String variable, String argument)
      throws Exception {
    hyperparameters.clear();
    hyperparameters.put("x", given);
    TrainingEnvironment environment = environment();
    assertThat(environment.variables()).containsEntry("SM_HP_X", variable);
    assertThat(environment.arguments()).containsExactly("-x", argument);
  }

  private TrainingEnvironment environment() throws NotJsonException {
    List<String> hosts = List.of("algo-1");
    ResourceConfig resources =
        new ResourceConfig(
            "algo-1",
            "ml.m5.large",
            ResourceConfig.HOMOGENEOUS_CLUSTER,
            hosts,
            List.of(new InstanceGroup(ResourceConfig.HOMOGENEOUS_CLUSTER, "ml.m5.large", hosts)),
            "eth0");
    List<ChannelConfig> channels =
        List.of(
            new ChannelConfig("train", "File", "FullyReplicated", "None", "text/csv"),
            new ChannelConfig("test-set", "File", "FullyReplicated", "None", null));
    return new TrainingEnvironment(
        new MlPaths(MlPaths.CONTAINER_BASE),
        TrainingInputs.of(
            hyperparameters,
            (PythonValue.Dict) PythonJson.parse(ConfigFiles.inputDataConfig(channels)),
            (PythonValue.Dict) PythonJson.parse(ConfigFiles.resourceConfig(resources))),
        new Machine(2, 0),
        Map.of());
  }
}
