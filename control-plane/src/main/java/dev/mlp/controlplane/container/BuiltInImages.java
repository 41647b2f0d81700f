package dev.mlp.controlplane.container;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The images that need no container engine: each is a program of this installation. */
public record BuiltInImages(List<BuiltInImage> images) {
  /**
   * One of them.
   *
   * @param name such as {@code mlp-training}; also found with any tag
   * @param aliases other names that mean it, as patterns: {@code *} is any text, {@code ?} any
   *     character, such as {@code *}{@code /tensorflow-training:*}
   * @param command starts it: program and first arguments; the member's arguments follow
   * @param environment variables that every instance of it gets, unless its spec sets them
   */
  public record BuiltInImage(
      String name, List<String> aliases, List<String> command, Map<String, String> environment) {
    public BuiltInImage {
      aliases = List.copyOf(aliases);
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
      if (command.isEmpty()) {
        throw new IllegalArgumentException("built-in image " + name + " has no command");
      }
    }

    boolean answersTo(String image) {
      return image.equals(name)
          || image.startsWith(name + ":")
          || aliases.stream().anyMatch(alias -> matches(alias, image));
    }

    private static boolean matches(String alias, String image) {
      String pattern =
          alias
              .chars()
              .mapToObj(character ->
                  switch (character) {
                    case '*' -> ".*";
                    case '?' -> ".";
                    default -> Pattern.quote(Character.toString(character));
                  })
              .collect(Collectors.joining());
      return Pattern.compile(pattern, Pattern.DOTALL).matcher(image).matches();
    }
  }

  public BuiltInImages {
    images = List.copyOf(images);
  }

  /** The first image that answers to the name. */
  public Optional<BuiltInImage> find(String image) {
    return images.stream().filter(candidate -> candidate.answersTo(image)).findFirst();
  }

  /** Their names, for people: {@code mlp-training and mlp-inference}. */
  public String names() {
    return images.stream().map(BuiltInImage::name).collect(Collectors.joining(" and "));
  }
}
