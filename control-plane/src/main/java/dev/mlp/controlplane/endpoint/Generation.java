package dev.mlp.controlplane.endpoint;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What an endpoint is to run: a configuration, resolved. An update makes the next one. */
public record Generation(
    long number, String configName, List<VariantSpec> variants, Instant createdAt) {
  public Generation {
    variants = List.copyOf(variants);
  }

  public Optional<VariantSpec> variant(String name) {
    return variants.stream().filter(variant -> variant.name().equals(name)).findFirst();
  }
}
