package dev.mlp.controlplane.capacity;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Every instance type that a request may name, from the public tables of instance types. */
public final class InstanceCatalogue {
  /** A small slice of this machine: what SageMaker's SDKs call local mode. */
  public static final InstanceType LOCAL = new InstanceType("local", 2, 2048, 0);

  private static final String RESOURCE = "instance-types.txt";
  private static final Map<String, InstanceType> TYPES = read();

  private InstanceCatalogue() {}

  /** The type of this name, such as {@code ml.m5.large} or {@code local}. */
  public static Optional<InstanceType> find(String name) {
    return Optional.ofNullable(TYPES.get(name));
  }

  /**
   * The type as this machine can give it: a larger one keeps its name and CPU weight and gets the
   * memory that there is.
   *
   * @param largestMebibytes what one instance can have at most
   */
  public static InstanceType fitted(InstanceType type, long largestMebibytes) {
    return type.memoryMebibytes() <= largestMebibytes
        ? type
        : new InstanceType(type.name(), type.vcpus(), largestMebibytes, type.gpus());
  }

  private static Map<String, InstanceType> read() {
    Map<String, InstanceType> types = new HashMap<>();
    types.put(LOCAL.name(), LOCAL);
    for (String line : lines()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] words = line.split(" ", -1);
      double gibibytesPerVcpu = Double.parseDouble(words[1]);
      for (int i = 2; i < words.length; i++) {
        InstanceType type = type(words[0], gibibytesPerVcpu, words[i]);
        types.put(type.name(), type);
      }
    }
    return Map.copyOf(types);
  }

  /** One size of a family: {@code 2xlarge}, or {@code 2xlarge:8/61/1} where it says what it has. */
  private static InstanceType type(String family, double gibibytesPerVcpu, String entry) {
    int colon = entry.indexOf(':');
    if (colon < 0) {
      int vcpus = vcpus(entry);
      return type(family, entry, vcpus, vcpus * gibibytesPerVcpu, 0);
    }
    String[] parts = entry.substring(colon + 1).split("/", -1);
    return type(
        family,
        entry.substring(0, colon),
        Integer.parseInt(parts[0]),
        Double.parseDouble(parts[1]),
        parts.length > 2 ? Integer.parseInt(parts[2]) : 0);
  }

  private static InstanceType type(
      String family, String size, int vcpus, double gibibytes, int gpus) {
    return new InstanceType("ml." + family + "." + size, vcpus, Math.round(gibibytes * 1024), gpus);
  }

  private static int vcpus(String size) {
    if (size.equals("large")) {
      return 2;
    }
    String factor = size.substring(0, size.length() - "xlarge".length());
    return factor.isEmpty() ? 4 : 4 * Integer.parseInt(factor);
  }

  private static List<String> lines() {
    try (InputStream stream =
        Objects.requireNonNull(
            InstanceCatalogue.class.getResourceAsStream(RESOURCE), "no resource " + RESOURCE)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
