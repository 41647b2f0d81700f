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

/**
 * Every instance type that a request may name: from the public tables of instance types, and of the
 * user's own.
 */
public final class InstanceCatalogue {
  /** A small slice of this machine: what SageMaker's SDKs call local mode. */
  public static final InstanceType LOCAL = new InstanceType("local", 2, 2048, 0);

  private static final String RESOURCE = "instance-types.txt";
  private final Map<String, InstanceType> types;

  private InstanceCatalogue(Map<String, InstanceType> types) {
    this.types = Map.copyOf(types);
  }

  /** The public tables, and {@code local}. */
  public static InstanceCatalogue builtIn() {
    return new InstanceCatalogue(read());
  }

  /**
   * The public tables with further types; one that they have already is replaced.
   *
   * @param additions by name
   * @throws IllegalArgumentException where a type stands under another name than its own
   */
  public static InstanceCatalogue with(Map<String, InstanceType> additions) {
    Map<String, InstanceType> types = read();
    additions.forEach((name, type) -> {
      if (!type.name().equals(name)) {
        throw new IllegalArgumentException(
            "instance type '" + name + "': it is called '" + type.name() + "'");
      }
      types.put(name, type);
    });
    return new InstanceCatalogue(types);
  }

  /** The type of this name, such as {@code ml.m5.large} or {@code local}. */
  public Optional<InstanceType> find(String name) {
    return Optional.ofNullable(types.get(name));
  }

  /** Whether there is one of this name. */
  public boolean has(String name) {
    return types.containsKey(name);
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
    return types;
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
