package dev.mlp.controlplane.container.docker.image;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.BuildResponseItem;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the engine says while it builds: the steps, the images they make, and what went wrong. */
final class BuildOutput extends ResultCallback.Adapter<BuildResponseItem> {
  private static final Pattern STEP = Pattern.compile("Step (\\d+)/(\\d+) : (.*)");
  private static final Pattern IMAGE = Pattern.compile(" ---> ([0-9a-f]{12,64})");
  private static final Pattern BUILT = Pattern.compile("Successfully built ([0-9a-f]{12,64})");
  private static final int LAST_WORDS = 6;
  private static final int SHOWN = 70;

  private final String title;
  private final Consumer<String> progress;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  // Written by the engine's thread alone, until the end that the others wait for.
  private final Deque<String> lastWords = new ArrayDeque<>();
  private String step = "the start";
  private volatile @Nullable String imageId;

  BuildOutput(String title, Consumer<String> progress) {
    this.title = title;
    this.progress = progress;
  }

  @Override
  public void onNext(BuildResponseItem item) {
    if (item.getErrorDetail() != null || item.isErrorIndicated()) {
      onError(new DockerException(failure(item), 500));
      return;
    }
    String text = item.getStream();
    if (text != null) {
      text.lines().filter(line -> !line.isBlank()).forEach(this::line);
    }
  }

  private void line(String line) {
    Matcher started = STEP.matcher(line);
    Matcher made = IMAGE.matcher(line);
    Matcher built = BUILT.matcher(line);
    if (started.matches()) {
      step = cut(started.group(3));
      lastWords.clear();
      progress.accept(
          title + ": step " + started.group(1) + " of " + started.group(2) + ", " + step);
    } else if (made.matches()) {
      if (!step.startsWith("FROM ")) {
        seen.add(made.group(1));
      }
    } else if (built.matches()) {
      imageId = built.group(1);
    } else if (!line.startsWith(" ---> ") && !line.startsWith("Removing intermediate")) {
      if (lastWords.size() == LAST_WORDS) {
        lastWords.removeFirst();
      }
      lastWords.addLast(line.strip());
    }
  }

  private String failure(BuildResponseItem item) {
    String said =
        item.getErrorDetail() == null || item.getErrorDetail().getMessage() == null
            ? "the engine says no more"
            : item.getErrorDetail().getMessage().strip();
    String words = String.join(" | ", lastWords);
    return "failed at " + step + ": " + said + (words.isEmpty() ? "" : "; it said: " + words);
  }

  /** Short ids of the images that this build made or found made, without those it began on. */
  Set<String> seen() {
    return Set.copyOf(seen);
  }

  /**
   * The image.
   *
   * @throws DockerException if the engine ended without naming one
   */
  String imageId() {
    String id = imageId;
    if (id == null) {
      throw new DockerException(title + ": the engine ended the build without an image", 500);
    }
    return id;
  }

  private static String cut(String text) {
    String plain = text.replaceAll("\\s+", " ").strip();
    return plain.length() <= SHOWN ? plain : plain.substring(0, SHOWN - 1) + "…";
  }
}
