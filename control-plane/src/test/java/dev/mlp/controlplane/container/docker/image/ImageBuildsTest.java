package dev.mlp.controlplane.container.docker.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Image;
import dev.mlp.controlplane.container.BuiltInImages;
import dev.mlp.controlplane.container.BuiltInImages.BuiltInImage;
import dev.mlp.controlplane.container.docker.image.ImageBuilds.Built;
import dev.mlp.controlplane.container.docker.image.ImageBuilds.Wish;
import dev.mlp.controlplane.container.docker.image.ImageEngine.Order;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real engine, with images of a few bytes; skipped where none answers. */
class ImageBuildsTest {
  @TempDir Path home;
  private final String id = UUID.randomUUID().toString().substring(0, 8);
  private final String base = "mlp-test-base:" + id;
  private final List<String> progress = new CopyOnWriteArrayList<>();
  private DockerClient client;
  private ImageEngine engine;

  @BeforeEach
  void engineAndFiles() throws Exception {
    try {
      client = EngineConnection.open(System.getenv());
    } catch (IOException e) {
      abort(String.valueOf(e.getMessage()));
    }
    engine = new ImageEngine(client);
    Files.writeString(home.resolve("shared.txt"), "shared " + id);
    Files.writeString(home.resolve("own.txt"), "own " + id);
    dockerfile("COPY own.txt /");
    var _ =
        engine.build(
            new Order(
                "a base",
                base,
                out -> {
                  try (ImageArchive archive = new ImageArchive(out)) {
                    archive.text(
                        "Dockerfile", "FROM scratch\nLABEL dev.mlp.stage=" + id + "\nCOPY id /\n");
                    archive.text("id", id);
                  }
                },
                Map.of(),
                Map.of(),
                false,
                false),
            progress::add);
  }

  @AfterEach
  void leavesNothing() throws Exception {
    if (engine == null) {
      return;
    }
    for (String name : List.of("mlp-test-" + id, "mlp-tensorflow", "mlp-test-base")) {
      mine(false).stream()
          .flatMap(image -> Stream.of(image.getRepoTags()))
          .filter(tag -> tag.startsWith(name + ":"))
          .forEach(engine::remove);
    }
    // What had its tag taken while the engine still cleaned up after a build.
    mine(false).forEach(image -> engine.remove(image.getId()));
    List<Image> left = mine(true);
    client.close();
    assertThat(left).isEmpty();
  }

  private List<Image> mine(boolean all) {
    return client
        .listImagesCmd()
        .withShowAll(all)
        .withLabelFilter(Map.of("dev.mlp.stage", id))
        .exec();
  }

  @Test
  void buildsWhatIsMissingOnceAndAnewWhenAFileChanges() throws Exception {
    ImageBuilds builds = builds();
    String tag = builds.tagOf("mlp-test-" + id + ":whatever").orElseThrow();
    assertThat(tag).startsWith("mlp-test-" + id + ":1.2-");
    assertThat(builds.tagOf("some/other")).isEmpty();

    Built built = build(builds);
    assertThat(built.wasThere()).isFalse();
    assertThat(built.tag()).isEqualTo(tag);
    assertThat(built.base()).isEqualTo(base);
    assertThat(built.bytes() - built.sharedBytes()).isEqualTo(("own " + id).length());
    assertThat(built.sharedBytes() - built.baseBytes()).isEqualTo(("shared " + id).length());
    assertThat(progress).anyMatch(line -> line.contains("step 1 of "));
    assertThat(build(builds).wasThere()).isTrue();

    Files.writeString(home.resolve("own.txt"), "changed");
    progress.clear();
    Built changed = build(builds);
    assertThat(changed.tag()).isNotEqualTo(tag);
    assertThat(changed.sharedBytes()).isEqualTo(built.sharedBytes());
    assertThat(progress).noneMatch(line -> line.startsWith("system and"));
    assertThat(engine.find(tag)).isPresent();
    noneIsHalfMade();
  }

  @Test
  void twoAtOnceMakeOneImage() throws Exception {
    List<Callable<Built>> two = List.of(() -> build(builds()), () -> build(builds()));
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<Built>> built = threads.invokeAll(two);
      assertThat(built.getFirst().get().wasThere()).isNotEqualTo(built.getLast().get().wasThere());
      assertThat(built.getFirst().get().tag()).isEqualTo(built.getLast().get().tag());
    }
    noneIsHalfMade();
  }

  @Test
  void aFailureNamesTheStepAndLeavesNothing() throws Exception {
    dockerfile("COPY own.txt /\nRUN /no/such/program");
    assertThatThrownBy(() -> build(builds()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("mlp-test-" + id)
        .hasMessageContaining("RUN /no/such/program");
    noneIsHalfMade();
  }

  @Test
  void anInterruptedBuildLeavesNothingAndCanBeDoneAgain() throws Exception {
    CountDownLatch isBuilding = new CountDownLatch(1);
    CountDownLatch isInterrupted = new CountDownLatch(1);
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              try {
                ImageBuilds builds = builds();
                ImageRecipe recipe = builds.recipes().getFirst();
                var _ =
                    builds.build(
                        recipe,
                        builds.tag(recipe),
                        wish(),
                        line -> {
                          // On the engine's thread: nothing is read on until we are interrupted.
                          if (line.contains("COPY own.txt")) {
                            isBuilding.countDown();
                            awaitQuietly(isInterrupted);
                          }
                        });
              } catch (Exception e) {
                thrown.add(e);
              }
            });
    isBuilding.await();
    thread.interrupt();
    isInterrupted.countDown();
    thread.join();
    assertThat(thrown).singleElement().isInstanceOf(InterruptedException.class);
    noneIsHalfMade();
    assertThat(build(builds()).bytes()).isPositive();
  }

  @Test
  void theInventoryTellsWhatIsCurrentAndRemovesTheRest() throws Exception {
    ImageBuilds builds = builds();
    String old = build(builds).tag();
    Files.writeString(home.resolve("own.txt"), "changed");
    ImageInventory inventory = new ImageInventory(builds);
    assertThat(inventory.missing(inventory.held())).containsExactly("mlp-test-" + id);
    String current = build(builds).tag();
    List<ImageInventory.Held> mine =
        inventory.held().stream().filter(image -> image.name().equals("mlp-test-" + id)).toList();
    assertThat(mine).extracting(ImageInventory.Held::tag).containsExactlyInAnyOrder(current, old);
    assertThat(mine)
        .filteredOn(ImageInventory.Held::isCurrent)
        .extracting(ImageInventory.Held::tag)
        .containsExactly(current);
    assertThat(inventory.missing(inventory.held())).isEmpty();
    assertThat(inventory.remove(mine.stream().filter(image -> !image.isCurrent()).toList()))
        .isEmpty();
    assertThat(engine.find(old)).isEmpty();
    assertThat(engine.find(current)).isPresent();
  }

  private void dockerfile(String own) throws IOException {
    Files.writeString(
        home.resolve("Dockerfile"),
        """
        ARG BASE_IMAGE=none
        FROM ${BASE_IMAGE} AS low
        LABEL dev.mlp.stage=%s
        FROM low AS other
        COPY shared.txt /left/behind
        FROM low AS shared
        COPY --from=other /left/behind /shared
        FROM shared
        LABEL dev.mlp.stage=%s
        %s
        """
            .formatted(id, id, own));
  }

  private ImageBuilds builds() throws IOException {
    String name = "mlp-test-" + id;
    return new ImageBuilds(
        engine,
        new BuiltInImages(List.of(new BuiltInImage(name, List.of(), List.of("unused"), Map.of()))),
        List.of(ImageRecipe.read(name, home, "", "1.2")),
        home.resolve("lock"),
        Path.of("/"),
        Path.of(System.getProperty("java.home")));
  }

  private Wish wish() {
    return new Wish(new BaseChoice.Named(base), false, false);
  }

  private Built build(ImageBuilds builds) throws IOException, InterruptedException {
    ImageRecipe recipe = builds.recipes().getFirst();
    return builds.build(recipe, builds.tag(recipe), wish(), progress::add);
  }

  private void noneIsHalfMade() {
    assertThat(
            client
                .listImagesCmd()
                .withDanglingFilter(true)
                .withLabelFilter(Map.of("dev.mlp.stage", id))
                .exec())
        .isEmpty();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
