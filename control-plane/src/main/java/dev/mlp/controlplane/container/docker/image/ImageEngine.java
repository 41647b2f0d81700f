package dev.mlp.controlplane.container.docker.image;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.BuildImageCmd;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Image;
import com.github.dockerjava.api.model.PullResponseItem;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The engine's images: looked up, built, removed. Blocking; safe for any number of threads. */
final class ImageEngine {
  /** What every image that our Dockerfiles make carries, half-made ones too. */
  static final String STAGE_LABEL = "dev.mlp.stage";

  /** The name of a finished image of ours. */
  static final String IMAGE_LABEL = "dev.mlp.image";

  private static final Duration ABANDONED = Duration.ofMinutes(10);

  /** How long the engine may take to notice that nobody waits for its build any more. */
  private static final Duration SETTLING = Duration.ofSeconds(2);

  private static final int REMOVALS = 20;
  private static final Duration REMOVAL_PAUSE = Duration.ofMillis(250);

  private final DockerClient client;

  ImageEngine(DockerClient client) {
    this.client = client;
  }

  Optional<InspectImageResponse> find(String image) {
    try {
      return Optional.of(client.inspectImageCmd(image).exec());
    } catch (NotFoundException e) {
      return Optional.empty();
    }
  }

  /** All finished images of ours. */
  List<Image> ours() {
    return client.listImagesCmd().withLabelFilter(IMAGE_LABEL).exec();
  }

  /** Whether it is gone; false for one that a container or another image stands on. */
  boolean remove(String image) {
    try {
      client.removeImageCmd(image).exec();
      return true;
    } catch (NotFoundException e) {
      return true;
    } catch (ConflictException e) {
      return false;
    }
  }

  /**
   * One image to build.
   *
   * @param title for people
   * @param online whether its steps may reach the network
   */
  record Order(
      String title,
      String tag,
      Upload.Writer context,
      Map<String, String> arguments,
      Map<String, String> labels,
      boolean online,
      boolean noCache) {}

  /**
   * Builds and tags it. Whatever happens, nothing half-made is left.
   *
   * @return the image's id
   * @throws IOException naming the step that failed, with its last words
   */
  String build(Order order, Consumer<String> progress) throws IOException, InterruptedException {
    BuildOutput output = new BuildOutput(order.title(), progress);
    Optional<InspectImageResponse> before = find(order.tag());
    boolean isBuilt = false;
    try (Upload upload =
            Upload.start(
                order.context(),
                bytes ->
                    progress.accept(
                        order.title() + ": " + Sizes.bytes(bytes) + " given to the engine"));
        BuildImageCmd command = client.buildImageCmd(upload.in())) {
      command
          .withTags(Set.of(order.tag()))
          .withLabels(order.labels())
          .withNoCache(order.noCache())
          .withNetworkMode(order.online() ? "default" : "none")
          .withRemove(true)
          .withForcerm(true);
      order.arguments().forEach(command::withBuildArg);
      try {
        command.exec(output).awaitCompletion();
      } catch (DockerException e) {
        throw upload
            .failure()
            .orElse(new IOException(order.title() + ": " + EngineTrouble.said(e), e));
      }
      if (upload.failure().isPresent()) {
        throw upload.failure().get();
      }
      String id = output.imageId();
      isBuilt = true;
      before
          .map(InspectImageResponse::getId)
          .filter(
              old -> !find(order.tag()).map(InspectImageResponse::getId).equals(Optional.of(old)))
          .ifPresent(this::remove);
      return id;
    } finally {
      output.close();
      sweep(output.seen(), isBuilt ? Duration.ZERO : SETTLING);
    }
  }

  /**
   * Pulls an image.
   *
   * @param patience for the first word of the registry, and between two
   * @return why it could not be had; empty when it is there
   */
  Optional<String> pull(String image, Duration patience, Consumer<String> progress)
      throws InterruptedException {
    Semaphore words = new Semaphore(0);
    try (Pull pull = new Pull(image, words, progress)) {
      client.pullImageCmd(image).exec(pull);
      while (!pull.isEnded()) {
        if (!words.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
          return Optional.of("no answer within " + patience.toSeconds() + " s");
        }
      }
      pull.awaitCompletion();
      return find(image).isPresent() ? Optional.empty() : Optional.of("it is not there");
    } catch (DockerException e) {
      return Optional.of(EngineTrouble.said(e));
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }

  private static final class Pull extends ResultCallback.Adapter<PullResponseItem> {
    private final String image;
    private final Semaphore words;
    private final Consumer<String> progress;
    private volatile boolean ended;

    Pull(String image, Semaphore words, Consumer<String> progress) {
      this.image = image;
      this.words = words;
      this.progress = progress;
    }

    boolean isEnded() {
      return ended;
    }

    @Override
    public void onNext(PullResponseItem item) {
      if (item.getErrorDetail() != null) {
        onError(new DockerException(String.valueOf(item.getErrorDetail().getMessage()), 500));
        return;
      }
      progress.accept("pulling " + image + ": " + item.getStatus());
      words.release();
    }

    @Override
    public void onError(Throwable failure) {
      super.onError(failure);
      ended = true;
      words.release();
    }

    @Override
    public void onComplete() {
      super.onComplete();
      ended = true;
      words.release();
    }
  }

  /**
   * Removes half-made images: those of one build, and any that nobody came back to. An image that
   * others stand on, or that has a tag, is no half-made one.
   *
   * @param seen short ids of the images that a build went through
   * @param settling how long the engine may still make others on top of them
   */
  void sweep(Set<String> seen, Duration settling) throws InterruptedException {
    // Not at once: an image that is made on top of one that is gone could not be told from others.
    TimeUnit.MILLISECONDS.sleep(settling.toMillis());
    Set<String> made = withDescendants(seen);
    long abandoned = Instant.now().minus(ABANDONED).getEpochSecond();
    for (int i = 0; i < REMOVALS; i++) {
      boolean allGone = true;
      for (Image image :
          client.listImagesCmd().withDanglingFilter(true).withLabelFilter(STAGE_LABEL).exec()) {
        if (made.contains(image.getId())) {
          allGone &= remove(image.getId());
        } else if (image.getCreated() < abandoned) {
          var _ = remove(image.getId()); // stays where a container still uses it
        }
      }
      if (allGone) {
        return;
      }
      // The engine itself is about to remove the container of a step.
      TimeUnit.MILLISECONDS.sleep(REMOVAL_PAUSE.toMillis());
    }
  }

  /** What was made on top of these images too: a build that is broken off goes on for a moment. */
  private Set<String> withDescendants(Set<String> shortIds) {
    if (shortIds.isEmpty()) {
      return Set.of();
    }
    List<Image> all = client.listImagesCmd().withShowAll(true).withLabelFilter(STAGE_LABEL).exec();
    Set<String> made = new HashSet<>();
    boolean grows = true;
    while (grows) {
      grows = false;
      for (Image image : all) {
        boolean isMade =
            made.contains(image.getParentId())
                || shortIds.stream().anyMatch(id -> image.getId().startsWith("sha256:" + id));
        grows |= isMade && made.add(image.getId());
      }
    }
    return made;
  }
}
