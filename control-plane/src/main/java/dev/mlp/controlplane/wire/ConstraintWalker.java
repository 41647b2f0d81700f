package dev.mlp.controlplane.wire;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;

/** Walks one request beside its shapes and collects every constraint that it breaks. */
final class ConstraintWalker {
  /** A longer text that is too long anyway is not matched: patterns may recurse per character. */
  private static final int LONGEST_MATCHED = 4096;

  private final Constraints.Model model;
  private final Predicate<String> instanceTypes;
  private final Problems problems;

  ConstraintWalker(Constraints.Model model, Predicate<String> instanceTypes, Problems problems) {
    this.model = model;
    this.instanceTypes = instanceTypes;
    this.problems = problems;
  }

  /** Checks the request of an operation. */
  void walk(String operation, SdkPojo request) {
    Constraints.Operation row = model.operations().get(operation);
    if (row == null) {
      throw new IllegalStateException(operation + ": not in the constraints table");
    }
    row.input().ifPresent(input -> value(request, model.shape(input), ""));
  }

  private void value(Object value, Shape shape, String path) {
    switch (shape) {
      case Shape.Structure structure -> structure((SdkPojo) value, structure, path);
      case Shape.ListOf list -> list((List<?>) value, list, path);
      case Shape.MapOf map -> map((Map<?, ?>) value, map, path);
      default -> broken(value, shape).forEach(rule -> problems.add(value, path, rule));
    }
  }

  private void structure(SdkPojo value, Shape.Structure structure, String path) {
    int given = 0;
    for (SdkField<?> field : value.sdkFields()) {
      // The name of the member in the model: for headers it is not the name on the wire.
      String name = field.memberName();
      String shape = structure.members().get(name);
      Object member = field.getValueOrDefault(value);
      if (member == null
          || member instanceof SdkAutoConstructList
          || member instanceof SdkAutoConstructMap) {
        if (structure.required().contains(name)) {
          problems.add(null, below(path, name), "Member must not be null");
        }
      } else if (shape != null) {
        given++;
        value(member, model.shape(shape), below(path, name));
      }
    }
    if (structure.union() && given != 1) {
      problems.add(value, path, "Member must have exactly one of its members set");
    }
  }

  private void list(List<?> values, Shape.ListOf list, String path) {
    size(values.size(), list.size()).ifPresent(rule -> problems.add(values, path, rule));
    Shape member = model.shape(list.member());
    for (int i = 0; i < values.size(); i++) {
      Object value = values.get(i);
      String at = path + "." + (i + 1) + ".member";
      if (value == null) {
        problems.add(null, at, "Member must not be null");
      } else if (member instanceof Shape.Structure
          || member instanceof Shape.ListOf
          || member instanceof Shape.MapOf) {
        value(value, member, at);
      } else {
        List<String> rules = broken(value, member);
        if (!rules.isEmpty()) {
          // AWS shows the whole list here; one element says more.
          problems.add(
              "[" + value + "]", path, "Member must satisfy constraint: " + bracketed(rules));
        }
      }
    }
  }

  private void map(Map<?, ?> values, Shape.MapOf map, String path) {
    size(values.size(), map.size()).ifPresent(rule -> problems.add(values.keySet(), path, rule));
    Shape keyShape = model.shape(map.key());
    Shape valueShape = model.shape(map.value());
    for (Map.Entry<?, ?> entry : values.entrySet()) {
      Object value = entry.getValue();
      List<String> rules = broken(entry.getKey(), keyShape);
      if (!rules.isEmpty()) {
        problems.add(entry.getKey(), path, "Map keys must satisfy constraint: " + bracketed(rules));
      }
      if (value == null) {
        problems.add(null, path + "." + entry.getKey() + ".member", "Member must not be null");
      } else if (valueShape instanceof Shape.Structure || valueShape instanceof Shape.ListOf) {
        value(value, valueShape, path + "." + entry.getKey() + ".member");
      } else {
        rules = broken(value, valueShape);
        if (!rules.isEmpty()) {
          problems.add(
              "{" + entry.getKey() + "=" + value + "}",
              path,
              "Map value must satisfy constraint: " + bracketed(rules));
        }
      }
    }
  }

  /** The constraints that a value without members breaks. */
  private List<String> broken(Object value, Shape shape) {
    return switch (shape) {
      case Shape.Text text -> brokenText(value.toString(), text);
      case Shape.InstanceType _ ->
          instanceTypes.test(value.toString())
              ? List.of()
              : List.of("Member must satisfy enum value set: [instance types such as ml.m5.large]");
      case Shape.Numeric number ->
          outside(new BigDecimal(value.toString()).doubleValue(), number.range(), "value")
              .map(List::of)
              .orElse(List.of());
      case Shape.Any any when value instanceof SdkBytes bytes ->
          size(bytes.asByteArrayUnsafe().length, any.length()).map(List::of).orElse(List.of());
      case Shape.Any _ -> List.of();
      case Shape.Structure _, Shape.ListOf _, Shape.MapOf _ ->
          throw new IllegalStateException("not a value without members: " + shape);
    };
  }

  private static List<String> brokenText(String value, Shape.Text text) {
    List<String> rules = new ArrayList<>(0);
    int length = value.codePointCount(0, value.length());
    Optional<String> size = size(length, text.length());
    size.ifPresent(rules::add);
    boolean matched = size.isEmpty() || length <= LONGEST_MATCHED;
    text.pattern()
        .filter(pattern -> matched && !pattern.matcher(value).matches())
        .ifPresent(
            pattern -> rules.add("Member must satisfy regular expression pattern: " + pattern));
    if (!text.values().isEmpty() && !text.values().contains(value)) {
      rules.add("Member must satisfy enum value set: " + bracketed(text.values()));
    }
    return rules;
  }

  private static Optional<String> size(int size, Shape.Bounds bounds) {
    return outside(size, bounds, "length");
  }

  private static Optional<String> outside(double value, Shape.Bounds bounds, String what) {
    if (bounds.min().isPresent() && !(value >= bounds.min().getAsDouble())) {
      return Optional.of(
          "Member must have " + what + " greater than or equal to " + plain(bounds.min()));
    }
    if (bounds.max().isPresent() && !(value <= bounds.max().getAsDouble())) {
      return Optional.of(
          "Member must have " + what + " less than or equal to " + plain(bounds.max()));
    }
    return Optional.empty();
  }

  private static String plain(OptionalDouble bound) {
    return BigDecimal.valueOf(bound.getAsDouble()).stripTrailingZeros().toPlainString();
  }

  private static String bracketed(List<String> texts) {
    return "[" + String.join(", ", texts) + "]";
  }

  private static String below(String path, String name) {
    String step = WireNames.camelCase(name);
    return path.isEmpty() ? step : path + "." + step;
  }
}
