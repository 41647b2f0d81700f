package dev.mlp.cli;

import dev.mlp.sdk.InvalidRequestException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Options that are given as {@code key=value}, each key once. */
final class KeyValues {
  private KeyValues() {}

  /**
   * Reads them; a value may hold further equals signs and be empty.
   *
   * @param option its name, as in {@code --channel}
   * @param form what it takes, as in {@code NAME=PATH}
   * @param thing what a key names, as in {@code channel}
   * @throws InvalidRequestException naming what has no key, and each key that is given twice
   */
  static Map<String, String> read(String option, String form, String thing, List<String> written) {
    Map<String, String> values = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    for (String each : written) {
      int equals = each.indexOf('=');
      if (equals < 1) {
        problems.add(option + " takes " + form + ", not '" + each + "'");
      } else if (values.put(each.substring(0, equals), each.substring(equals + 1)) != null) {
        problems.add(thing + " " + each.substring(0, equals) + " is given twice");
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidRequestException(problems.stream().distinct().toList());
    }
    return values;
  }
}
