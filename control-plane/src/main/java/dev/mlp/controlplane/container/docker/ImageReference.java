package dev.mlp.controlplane.container.docker;

import java.util.regex.Pattern;

/**
 * An image's name, as registries and engines know it.
 *
 * @param registry such as {@code docker.io}
 * @param pullable with a tag: without one, an engine would pull them all
 */
record ImageReference(String registry, String pullable) {
  static final String DEFAULT_REGISTRY = "docker.io";

  private static final int LONGEST = 512;
  private static final Pattern FORM =
      Pattern.compile(
          "((?:[a-zA-Z0-9][a-zA-Z0-9.-]*+|\\[[0-9a-fA-F:]++])(?::[0-9]++)?/)?"
              + "[a-z0-9]++(?:(?:__|[._]|-++)[a-z0-9]++)*+"
              + "(?:/[a-z0-9]++(?:(?:__|[._]|-++)[a-z0-9]++)*+)*+"
              + "(:[\\w][\\w.-]{0,127}+)?"
              + "(@[A-Za-z][A-Za-z0-9+._-]*+:[0-9a-fA-F]{32,}+)?");

  static boolean isWellFormed(String image) {
    return image.length() <= LONGEST && FORM.matcher(image).matches();
  }

  /**
   * @param image well-formed
   */
  static ImageReference parse(String image) {
    int slash = image.indexOf('/');
    String first = slash < 0 ? "" : image.substring(0, slash);
    boolean named = first.contains(".") || first.contains(":") || first.equals("localhost");
    String rest = named ? image.substring(slash + 1) : image;
    boolean tagged = rest.contains(":") || rest.contains("@");
    return new ImageReference(named ? first : DEFAULT_REGISTRY, tagged ? image : image + ":latest");
  }
}
