package dev.mlp.controlplane.container;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an instance group at its runtime: chosen once by who starts it and stored in the
 * resource's row, so that starting again is the same start. Never used for two incarnations.
 */
public record GroupId(String value) {
  private static final Pattern FORM = Pattern.compile("[a-z0-9](-?[a-z0-9])*");

  public GroupId {
    if (value.length() > 60 || !FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "instance group '" + value + "': expected at most 60 of a-z, 0-9 and single dashes");
    }
  }

  /** Empty where the text is no group's name. */
  public static Optional<GroupId> parse(String text) {
    return text.length() <= 60 && FORM.matcher(text).matches()
        ? Optional.of(new GroupId(text))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return value;
  }
}
