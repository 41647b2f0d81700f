package dev.mlp.training.entrypoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.Attributes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JarProgramTest {
  private static final Map<Attributes.Name, String> STARTS =
      Map.of(Attributes.Name.MAIN_CLASS, "Train");

  private static final String TRAIN =
      """
      public class Train {
        public static void main(String[] arguments) throws Exception {
          System.out.println("arguments " + String.join("|", arguments));
          System.out.println("tensorflow of " + org.tensorflow.TensorFlow.owner());
          System.out.println("class path " + System.getProperty("java.class.path"));
          System.out.println("cache " + System.getProperty("org.bytedeco.javacpp.cachedir"));
          System.out.println("library " + Class.forName("dev.mlp.training.contract.MlPaths"));
          System.out.println("java " + System.getProperty("java.home"));
        }
      }
      """;

  @TempDir Path folder;
  private Instance instance;
  private Path platform;

  @BeforeEach
  void createInstanceAndPlatformsTensorFlow() throws Exception {
    instance = new Instance(folder.resolve("one"));
    instance.hyperparameters.put("sagemaker_program", "\"train.jar\"");
    instance.hyperparameters.put("epochs", "3");
    platform = Files.createDirectories(folder.resolve("platform lib"));
    Jars.make(
        platform.resolve("tensorflow-core-api-9.jar"),
        Map.of(),
        Map.of("org/tensorflow/TensorFlow.java", Jars.TENSORFLOW.formatted("the platform")));
    Jars.make(platform.resolve("unrelated-1.jar"), Map.of(), Map.of());
    instance.environment.put("MLP_TENSORFLOW_CLASSPATH", platform.toString());
    instance.environment.put("MLP_JAVACPP_CACHE", "/var/cache/javacpp");
  }

  @Test
  void aThinJarRunsOnThePlatformsTensorFlow() throws Exception {
    Jars.make(jar(), STARTS, Map.of("Train.java", TRAIN), tensorFlow());
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(instance.log().lines())
        .contains(
            "arguments --epochs|3",
            "tensorflow of the platform",
            "cache /var/cache/javacpp",
            "library class dev.mlp.training.contract.MlPaths",
            "java " + System.getProperty("java.home"))
        .anySatisfy(line ->
            assertThat(line)
                .startsWith("class path train.jar:")
                .contains(tensorFlow().toString())
                .doesNotContain("unrelated"));
    assertThat(instance.log()).doesNotContain("WARNING");
  }

  @Test
  void aJarThatBringsTensorFlowGetsNothingOfThePlatforms() throws Exception {
    Jars.make(
        jar(),
        STARTS,
        Map.of(
            "Train.java",
            TRAIN,
            "org/tensorflow/TensorFlow.java",
            Jars.TENSORFLOW.formatted("the user")));
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(instance.log()).contains("tensorflow of the user\n").doesNotContain("platform lib");
  }

  @Test
  void aJarWhoseManifestNamesTensorFlowGetsNothingOfThePlatforms() throws Exception {
    Path own = Files.createDirectories(instance.paths.code().resolve("lib")).resolve("tf.jar");
    Jars.make(
        own,
        Map.of(),
        Map.of("org/tensorflow/TensorFlow.java", Jars.TENSORFLOW.formatted("the user")));
    Jars.make(
        jar(),
        Map.of(
            Attributes.Name.MAIN_CLASS,
            "Train",
            Attributes.Name.CLASS_PATH,
            "lib/x.jar lib/tf.jar"),
        Map.of("Train.java", TRAIN),
        own);
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(instance.log()).contains("tensorflow of the user\n").doesNotContain("platform lib");
  }

  @Test
  void withoutAFolderThePlatformsTensorFlowIsOnTheEntryPointsOwnClassPath() throws Exception {
    JarProgram thin = new JarProgram("Train", false);
    assertThat(thin.libraries(Map.of()))
        .anyMatch(entry -> entry.contains("tensorflow-core-api"))
        .anyMatch(entry -> entry.contains("tensorflow-core-native") && entry.contains("linux"))
        .anyMatch(entry -> entry.contains("javacpp"))
        .anyMatch(entry -> entry.contains("jackson-core"))
        .noneMatch(entry -> entry.contains("jackson-databind"))
        .noneMatch(entry -> entry.contains("junit"));
    assertThat(new JarProgram("Train", true).libraries(Map.of()))
        .noneMatch(entry -> entry.contains("tensorflow"));
  }

  @Test
  void aFailingJarIsReportedWithAShortCommand() throws Exception {
    Jars.make(
        jar(),
        STARTS,
        Map.of(
            "Train.java",
            "class Train { public static void main(String[] a) { System.exit(5); } }"));
    assertThat(instance.run()).isEqualTo(1);
    assertThat(instance.failure())
        .isEqualTo(
            "ExecuteUserScriptError:\nExitCode 5\nErrorMessage \"\"\n"
                + "Command \"java -cp train.jar Train --epochs 3\"");
  }

  @Test
  void aJarWithoutAMainClassIsToldHowToNameIt() throws Exception {
    Jars.make(jar(), Map.of(), Map.of());
    assertThat(instance.run()).isEqualTo(1);
    assertThat(instance.failure()).startsWith("The jar train.jar").contains("Main-Class");
  }

  @Test
  void aFileThatIsNoJarIsSaid() throws Exception {
    Files.writeString(jar(), "not a zip");
    assertThatThrownBy(() -> JarProgram.read(jar(), "train.jar"))
        .isInstanceOfSatisfying(
            ClientErrorException.class,
            e -> assertThat(e.failureText()).startsWith("The jar train.jar cannot be read: "));
  }

  private Path jar() {
    return instance.paths.code().resolve("train.jar");
  }

  private Path tensorFlow() {
    return platform.resolve("tensorflow-core-api-9.jar");
  }
}
