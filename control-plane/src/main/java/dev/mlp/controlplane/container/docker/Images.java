package dev.mlp.controlplane.container.docker;

import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.command.PullImageCmd;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.ContainerConfig;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gets images onto the engine: built here, found there, pulled. */
final class Images {
  private static final Logger logger = LoggerFactory.getLogger(Images.class);

  private static final Duration[] PAUSES = {
    Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(15), Duration.ofSeconds(30)
  };

  /**
   * An image that the engine has.
   *
   * @param name to make containers of it
   * @param user as the image sets it; empty for root
   */
  record Image(String name, String user) {
    boolean isRoot() {
      String name = user.split(":", 2)[0];
      return name.isEmpty() || name.equals("root") || name.equals("0");
    }

    /** The user's number, where the image gives it as one. */
    Optional<Integer> userNumber() {
      return number(0);
    }

    /** The group's number, where the image gives it as one. */
    Optional<Integer> groupNumber() {
      return number(1);
    }

    private Optional<Integer> number(int part) {
      String[] parts = user.split(":", 2);
      return parts.length > part && parts[part].matches("[0-9]{1,9}")
          ? Optional.of(Integer.parseInt(parts[part]))
          : Optional.empty();
    }
  }

  /** A registry's refusal, which a new attempt meets again. */
  private static final class FinalPullException extends IOException {
    private static final long serialVersionUID = 1L;

    FinalPullException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private final EngineConnection connection;
  private final BuiltInImageBuilds builds;
  private final DockerSettings settings;

  Images(EngineConnection connection, BuiltInImageBuilds builds, DockerSettings settings) {
    this.connection = connection;
    this.builds = builds;
    this.settings = settings;
  }

  /** Refuses what cannot be an image's name, and what is not there when nothing is pulled. */
  void check(String image) throws ContainerRuntimeException {
    if (builds.tagOf(image).isPresent()) {
      return;
    }
    if (!ImageReference.isWellFormed(image)) {
      throw new ContainerRuntimeException(
          "Image \""
              + image
              + "\" is no image name: expected [registry/]name[:tag] in lower case, such as"
              + " registry.example.com/team/train:1",
          false);
    }
    if (settings.pull() == DockerSettings.Pull.NEVER) {
      try {
        if (find(image).isEmpty()) {
          throw new ContainerRuntimeException(absent(image), false);
        }
      } catch (IOException e) {
        throw new ContainerRuntimeException(
            "Cannot look for image \"" + image + "\": " + e.getMessage(), true, e);
      }
    }
  }

  private static String absent(String image) {
    return "Image \"" + image + "\" is not on the Docker engine, and images are not pulled here";
  }

  /** Waits for the engine, the build or the registry. */
  Image ensure(String image, Consumer<String> progress) throws IOException, InterruptedException {
    Optional<String> tag = builds.tagOf(image);
    String name = tag.orElse(image);
    Optional<Image> found = connection.whenThere(() -> find(name));
    if (found.isPresent()) {
      return found.get();
    }
    if (tag.isPresent()) {
      progress.accept("building image " + name);
      builds.build(name, progress);
    } else if (settings.pull() == DockerSettings.Pull.NEVER) {
      throw new IOException(absent(image));
    } else {
      pull(image, progress);
    }
    return connection
        .whenThere(() -> find(name))
        .orElseThrow(() -> new IOException("Image \"" + name + "\" is gone again"));
  }

  private Optional<Image> find(String name) throws IOException {
    try {
      InspectImageResponse found = connection.call(docker -> docker.inspectImageCmd(name).exec());
      ContainerConfig config = found.getConfig();
      @Nullable String user = config == null ? null : config.getUser();
      return Optional.of(new Image(name, user == null ? "" : user));
    } catch (EngineException e) {
      if (e.notFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void pull(String image, Consumer<String> progress)
      throws IOException, InterruptedException {
    for (int i = 0; ; i++) {
      try {
        connection.whenThere(() -> {
          pullOnce(image, progress);
          return true;
        });
        return;
      } catch (FinalPullException e) {
        throw e;
      } catch (IOException e) {
        if (i == PAUSES.length) {
          throw e;
        }
        logger.warn("trying again in {}: {}", PAUSES[i], e.getMessage());
        progress.accept("pulling image " + image + ": trying again, " + e.getMessage());
        Thread.sleep(PAUSES[i]);
      }
    }
  }

  private void pullOnce(String image, Consumer<String> progress)
      throws IOException, InterruptedException {
    progress.accept("pulling image " + image);
    ImageReference reference = ImageReference.parse(image);
    DockerSettings.@Nullable RegistryCredentials credentials =
        settings.credentials().get(reference.registry());
    try (PullProgress pull = new PullProgress(image, progress)) {
      connection.stream(docker -> {
        PullImageCmd command = docker.pullImageCmd(reference.pullable());
        if (credentials != null) {
          command.withAuthConfig(
              new AuthConfig()
                  .withRegistryAddress(reference.registry())
                  .withUsername(credentials.user())
                  .withPassword(credentials.password()));
        }
        return command.exec(pull);
      });
      try {
        pull.awaitCompletion();
      } catch (RuntimeException e) {
        throw connection.translated(e);
      }
      if (pull.error().isPresent()) {
        throw new IOException(pull.error().get());
      }
    } catch (EngineAwayException e) {
      throw e;
    } catch (IOException e) {
      throw explained(image, reference.registry(), e);
    }
  }

  /** The engine hands on its registry's words with any status: they are all there is. */
  static IOException explained(String image, String registry, IOException e) {
    String text = String.valueOf(e.getMessage());
    String lower = text.toLowerCase(Locale.ROOT);
    boolean denied =
        Stream.of("unauthorized", "denied", "authentication required", "no basic auth")
            .anyMatch(lower::contains);
    boolean missing = Stream.of("not found", "manifest unknown").anyMatch(lower::contains);
    if (lower.contains("no such host")) {
      return new FinalPullException(
          "Image \"%s\" cannot be pulled: there is no registry %s (%s)"
              .formatted(image, registry, text),
          e);
    }
    if (missing && !lower.contains("login")) {
      return new FinalPullException(
          "Image \"%s\" was not found at %s: %s".formatted(image, registry, text), e);
    }
    if (denied) {
      return new FinalPullException(
          "Image \"%s\" cannot be pulled: %s has no such image or wants other credentials: %s"
              .formatted(image, registry, text),
          e);
    }
    return new IOException("Image \"%s\" cannot be pulled: %s".formatted(image, text), e);
  }
}
