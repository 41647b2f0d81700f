package dev.mlp.controlplane.training;

import java.util.regex.Pattern;

/** What a training job is called: unique in its account and region, for ever. */
public record TrainingJobName(String value) {
  private static final Pattern FORM = Pattern.compile("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}");

  public TrainingJobName {
    if (value.length() > 63 || !FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "training job '" + value + "': expected at most 63 letters, digits and inner dashes");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
