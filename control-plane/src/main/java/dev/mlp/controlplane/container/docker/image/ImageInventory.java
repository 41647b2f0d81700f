package dev.mlp.controlplane.container.docker.image;

import com.github.dockerjava.api.model.Image;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which images of ours the engine has, and which of them this installation would use. */
final class ImageInventory {
  /**
   * One finished image.
   *
   * @param isCurrent whether a job or an endpoint started now would run it, or one that does stands
   *     on it
   */
  record Held(
      String name,
      String tag,
      String id,
      long bytes,
      Instant created,
      String base,
      boolean isCurrent) {}

  private final ImageBuilds builds;

  ImageInventory(ImageBuilds builds) {
    this.builds = builds;
  }

  /** By name, the youngest of each first. */
  List<Held> held() throws IOException {
    List<Image> images = builds.engine().ours();
    Set<String> current = new HashSet<>();
    builds.recipes().forEach(recipe -> current.add(builds.tag(recipe)));
    current.add(builds.sharedTag());
    images.stream()
        .filter(image -> tags(image).contains(sharedTag()))
        .forEach(image -> current.add(label(image, ImageBuilds.SHARED_LABEL)));
    List<Held> held = new ArrayList<>();
    for (Image image : images) {
      for (String tag : tags(image)) {
        held.add(
            new Held(
                label(image, ImageEngine.IMAGE_LABEL),
                tag,
                image.getId(),
                image.getSize(),
                Instant.ofEpochSecond(image.getCreated()),
                label(image, ImageBuilds.BASE_LABEL),
                current.contains(tag)));
      }
    }
    held.sort(
        Comparator.comparing(Held::name)
            .thenComparing(Held::created, Comparator.reverseOrder())
            .thenComparing(Held::tag));
    return held;
  }

  /** Names of images that would be built when first needed. */
  List<String> missing(List<Held> held) {
    return builds.recipes().stream()
        .filter(recipe -> held.stream().noneMatch(one -> one.tag().equals(builds.tag(recipe))))
        .map(ImageRecipe::name)
        .toList();
  }

  /**
   * Removes images; those that others stand on come last.
   *
   * @return the ones that containers still use
   */
  List<Held> remove(List<Held> images) {
    List<String> order = List.of(ImageRecipe.SHARED, Bases.MACHINE);
    return images.stream()
        .sorted(Comparator.comparingInt(image -> order.indexOf(image.name())))
        .filter(image -> !builds.engine().remove(image.tag()))
        .toList();
  }

  private String sharedTag() {
    try {
      return builds.sharedTag();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e.getMessage(), e);
    }
  }

  private static List<String> tags(Image image) {
    return image.getRepoTags() == null
        ? List.of()
        : Arrays.stream(image.getRepoTags()).filter(tag -> !tag.startsWith("<none>")).toList();
  }

  private static String label(Image image, String name) {
    return image.getLabels().getOrDefault(name, "");
  }
}
