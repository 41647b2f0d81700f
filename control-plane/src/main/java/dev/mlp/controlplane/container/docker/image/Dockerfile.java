package dev.mlp.controlplane.container.docker.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A Dockerfile in two parts, which are built one after the other: an engine without BuildKit gets
 * the whole context for every build, and goes through every stage. So the stages that hold half a
 * gigabyte make an image of their own, and a change of a program sends that program alone.
 *
 * @param shared all stages but the last
 * @param own the last stage, with its {@code FROM} line
 */
record Dockerfile(String shared, String own) {
  private static final String FROM = "FROM ";

  /**
   * @throws IllegalArgumentException if there is one stage alone
   */
  static Dockerfile parse(String text) {
    int last = text.lastIndexOf("\n" + FROM) + 1;
    String shared = text.substring(0, last);
    if (last == 0 || shared.lines().noneMatch(line -> line.startsWith(FROM))) {
      throw new IllegalArgumentException("the Dockerfile has no stage before its last");
    }
    // Comments above an instruction belong to it; only instructions make the image.
    return new Dockerfile(shared.stripTrailing() + "\n", text.substring(last));
  }

  /** The last stage on top of an image that the first part became. */
  String ownOn(String image) {
    return FROM + image + own.substring(own.indexOf('\n'));
  }

  /** Paths and patterns in the context that a part copies, in order. */
  static List<String> sources(String part) {
    List<String> sources = new ArrayList<>();
    part.replace("\\\n", " ")
        .lines()
        .map(line -> Arrays.asList(line.strip().split("\\s+")))
        .filter(words -> words.getFirst().equals("COPY") && !words.get(1).startsWith("--from="))
        .forEach(words -> sources.addAll(words.subList(1, words.size() - 1)));
    return sources;
  }

  /** Instructions alone: a comment changes no image. */
  static String instructions(String part) {
    return String.join(
        "\n", part.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList());
  }
}
