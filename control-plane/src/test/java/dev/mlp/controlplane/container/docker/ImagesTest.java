package dev.mlp.controlplane.container.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.exception.NotFoundException;
import dev.mlp.controlplane.container.docker.DockerSettings.RegistryCredentials;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ImagesTest {
  private final List<String> progress = new ArrayList<>();
  private final List<String> pulled = new ArrayList<>();
  private @Nullable TestEngine engine;
  private EngineConnection connection;

  @BeforeEach
  void open() throws Exception {
    engine = TestEngine.open();
    connection = new EngineConnection(engine.settings().clientConfig(), Clock.systemUTC(), true);
  }

  @AfterEach
  void close() throws Exception {
    for (String image : pulled) {
      connection.call(docker -> {
        try {
          docker.removeImageCmd(image).exec();
        } catch (NotFoundException e) {
          return false;
        }
        return true;
      });
    }
    if (engine != null) {
      connection.close();
      engine.close();
    }
  }

  private Images images(BuiltInImageBuilds builds, Map<String, RegistryCredentials> credentials) {
    return new Images(connection, builds, DockerSettings.defaults().withCredentials(credentials));
  }

  private Images.Image ensure(Images images, String image) throws Exception {
    pulled.add(image);
    return images.ensure(image, progress::add);
  }

  private static byte[] layer() {
    byte[] noise = new byte[5 << 20];
    new Random(1).nextBytes(noise);
    return noise;
  }

  @Test
  void pullsWhatIsNotThereAndTellsHowFarItIs() throws Exception {
    try (TestRegistry registry = new TestRegistry(Optional.empty(), layer())) {
      String image = registry.name() + "/team/image:1";
      Images images = images(BuiltInImageBuilds.NONE, Map.of());
      assertThat(ensure(images, image)).isEqualTo(new Images.Image(image, ""));
      assertThat(progress).contains("pulling image " + image + ": 5 of 6 MiB");
      progress.clear();
      assertThat(ensure(images, image)).isEqualTo(new Images.Image(image, ""));
      assertThat(progress).isEmpty();
    }
  }

  @Test
  void showsTheRegistryItsCredentials() throws Exception {
    try (TestRegistry registry = new TestRegistry(Optional.of("me:secret"), new byte[10])) {
      String image = registry.name() + "/team/image:1";
      assertThatThrownBy(() -> ensure(images(BuiltInImageBuilds.NONE, Map.of()), image))
          .hasMessageContaining(image)
          .hasMessageContaining("credentials");
      assertThat(
              ensure(
                  images(
                      BuiltInImageBuilds.NONE,
                      Map.of(registry.name(), new RegistryCredentials("me", "secret"))),
                  image))
          .isEqualTo(new Images.Image(image, ""));
    }
  }

  @Test
  void whatIsNotThereIsNotTriedAgain() throws Exception {
    try (TestRegistry registry = new TestRegistry(Optional.empty(), new byte[10])) {
      String image = registry.name() + "/team/image:2";
      assertThatThrownBy(() -> ensure(images(BuiltInImageBuilds.NONE, Map.of()), image))
          .hasMessageContaining(image)
          .hasMessageContaining("was not found");
      assertThat(progress).containsExactly("pulling image " + image);
    }
  }

  @Test
  void buildsABuiltInImageThatIsNotThere() throws Exception {
    List<String> built = new ArrayList<>();
    Images images =
        images(
            new BuiltInImageBuilds() {
              @Override
              public Optional<String> tagOf(String image) {
                return image.equals("mine") ? Optional.of("mlp-test-built:1") : Optional.empty();
              }

              @Override
              public void build(String tag, Consumer<String> progress) throws IOException {
                built.add(tag);
                connection.call(docker -> {
                  docker.tagImageCmd(TestEngine.USER_IMAGE, "mlp-test-built", "1").exec();
                  return true;
                });
              }
            },
            Map.of());
    pulled.add("mlp-test-built:1");
    assertThat(images.ensure("mine", progress::add))
        .isEqualTo(new Images.Image("mlp-test-built:1", "10001:10001"));
    assertThat(images.ensure("mine", progress::add).isRoot()).isFalse();
    assertThat(built).containsExactly("mlp-test-built:1");
  }

  @Test
  void keepsPasswordsOutOfTexts() {
    assertThat(
            DockerSettings.defaults()
                .withCredentials(Map.of("r", new RegistryCredentials("me", "secret")))
                .toString())
        .contains("me")
        .doesNotContain("secret");
  }
}
