package dev.mlp.controlplane.wire;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything that is wrong with one request, in AWS's words. */
final class Problems {
  private static final int LONGEST_VALUE = 256;

  private final List<String> all = new ArrayList<>(0);

  /** {@code Value 'x' at 'path' failed to satisfy constraint: <constraint>}. */
  void add(@Nullable Object value, String path, String constraint) {
    String shown = value == null ? "null" : "'" + shortened(value.toString()) + "'";
    all.add("Value " + shown + " at '" + path + "' failed to satisfy constraint: " + constraint);
  }

  void addUnknown(WireCodec.UnknownMember member, String operation) {
    all.add(
        "Value at '"
            + member.path()
            + "' failed to satisfy constraint: Member must be one that "
            + operation
            + " has"
            + member
                .meant()
                .map(name -> " (did you mean '" + WireNames.camelCase(name) + "'?)")
                .orElse(""));
  }

  /**
   * @throws ApiException of this code, with every problem, when there is one
   */
  void throwIfAny(ErrorCode code) {
    if (!all.isEmpty()) {
      throw new ApiException(
          code,
          all.size()
              + (all.size() == 1 ? " validation error detected: " : " validation errors detected: ")
              + String.join("; ", all));
    }
  }

  private static String shortened(String value) {
    return value.length() <= LONGEST_VALUE
        ? value
        : value.substring(0, value.offsetByCodePoints(0, LONGEST_VALUE / 2)) + "…";
  }
}
