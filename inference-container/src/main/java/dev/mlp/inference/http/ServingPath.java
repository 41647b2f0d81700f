package dev.mlp.inference.http;

import dev.mlp.inference.tensorflow.StatusException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a path of TensorFlow Serving's REST API addresses.
 *
 * @param model empty where the path ends before it
 * @param version empty: the latest
 * @param label empty: none given
 * @param verb {@code predict}, {@code classify}, {@code regress} of a POST; {@code metadata} or
 *     nothing of a GET
 */
record ServingPath(String model, OptionalLong version, String label, String verb) {
  static final String PREFIX = "/v1/";

  // TensorFlow Serving's own expressions.
  private static final Pattern POST =
      Pattern.compile(
          "(?i)/v1/models/([^/:]+)(?:/versions/(\\d+)|/labels/([^/:]+))?:(classify|regress|predict)");
  private static final Pattern GET =
      Pattern.compile(
          "(?i)/v1/models(?:/([^/:]+))?(?:/versions/(\\d+)|/labels/([^/:]+))?(?:/(metadata))?");

  /** Empty where the path is none of TensorFlow Serving's. */
  static Optional<ServingPath> ofPost(String path) {
    return of(POST.matcher(path));
  }

  /** Empty where the path is none of TensorFlow Serving's. */
  static Optional<ServingPath> ofGet(String path) {
    return of(GET.matcher(path));
  }

  private static Optional<ServingPath> of(Matcher matcher) {
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String version = matcher.group(2);
    return Optional.of(
        new ServingPath(
            decode(matcher.group(1)),
            version == null ? OptionalLong.empty() : OptionalLong.of(version(version)),
            decode(matcher.group(3)),
            matcher.group(4) == null ? "" : matcher.group(4).toLowerCase(Locale.ROOT)));
  }

  private static String decode(@Nullable String part) {
    if (part == null) {
      return "";
    }
    try {
      return part.indexOf('%') < 0
          ? part
          : URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw StatusException.invalidArgument("Failed to decode model name:" + part);
    }
  }

  /** Reads a version's digits. */
  static long version(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw StatusException.invalidArgument(
          "Failed to convert version: " + digits + " to numeric.");
    }
  }
}
