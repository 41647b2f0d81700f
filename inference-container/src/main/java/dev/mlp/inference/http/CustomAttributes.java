package dev.mlp.inference.http;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The header X-Amzn-SageMaker-Custom-Attributes, as SageMaker's TensorFlow Serving container reads
 * it.
 *
 * @param model empty: the default model
 * @param version empty: the latest
 * @param method {@code predict} unless said otherwise
 */
record CustomAttributes(String model, String version, String method) {
  static final String HEADER = "X-Amzn-SageMaker-Custom-Attributes";

  private static final CustomAttributes NONE = new CustomAttributes("", "", "predict");
  private static final Pattern ATTRIBUTE = Pattern.compile("(tfs-[a-z\\-]+)=([^,=]+)");

  static CustomAttributes of(@Nullable String header) {
    if (header == null || header.isEmpty()) {
      return NONE;
    }
    Map<String, String> attributes = new HashMap<>();
    Matcher matcher = ATTRIBUTE.matcher(header);
    while (matcher.find()) {
      attributes.put(matcher.group(1), matcher.group(2).strip());
    }
    return new CustomAttributes(
        attributes.getOrDefault("tfs-model-name", ""),
        attributes.getOrDefault("tfs-model-version", ""),
        attributes.getOrDefault("tfs-method", "predict"));
  }
}
