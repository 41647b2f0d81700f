package dev.mlp.controlplane.wire;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;

/** What the service model demands of a value. Other shapes are named, so they may be recursive. */
sealed interface Shape {
  /** At least and at most, both included. */
  record Bounds(OptionalDouble min, OptionalDouble max) {}

  /**
   * @param members wire name to shape
   * @param union exactly one member is given
   */
  record Structure(Map<String, String> members, Set<String> required, boolean union)
      implements Shape {}

  record ListOf(String member, Bounds size) implements Shape {}

  record MapOf(String key, String value, Bounds size) implements Shape {}

  /**
   * @param length in code points
   * @param pattern matched against the whole text
   * @param values the enum's, in the model's order; empty where it is none
   */
  record Text(Bounds length, Optional<Pattern> pattern, List<String> values) implements Shape {}

  /** An instance type: the catalogue says which there are. */
  record InstanceType() implements Shape {}

  record Numeric(Bounds range) implements Shape {}

  /** Nothing is demanded: booleans, times, and bytes with their greatest length. */
  record Any(Bounds length) implements Shape {}
}
