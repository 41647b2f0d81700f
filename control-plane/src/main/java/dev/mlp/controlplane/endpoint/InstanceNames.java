package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.access.Tenant;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.logs.LogStreamId;
import java.util.HexFormat;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** The names that an instance goes by. */
final class InstanceNames {
  private static final int READABLE = 30;

  private InstanceNames() {}

  /** Such as {@code i-0a1b2c3d4e5f60718}: in AWS's form, never the same twice. */
  static String id(RandomGenerator random) {
    return "i-0" + HexFormat.of().toHexDigits(random.nextLong());
  }

  /** Begins with the endpoint's name, for people; the instance's id makes it the only one. */
  static GroupId group(String endpoint, String instanceId) {
    StringBuilder readable = new StringBuilder();
    for (String word : endpoint.toLowerCase(Locale.ROOT).split("[^a-z0-9]+", -1)) {
      if (!word.isEmpty() && readable.length() < READABLE) {
        readable.append(word, 0, Math.min(word.length(), READABLE - readable.length())).append('-');
      }
    }
    return new GroupId("ep-" + readable + instanceId.substring("i-".length()));
  }

  static LogStreamId log(Tenant tenant, String endpoint, String variant, String instanceId) {
    return new LogStreamId(
        tenant, "/aws/sagemaker/Endpoints/" + endpoint, variant + "/" + instanceId);
  }
}
