package dev.mlp.controlplane.container.docker;

import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the things of one server are called and labelled by on an engine, which others use too. The
 * server's identifier is part of every name: two servers may have groups of one name.
 */
record Labels(String server) {
  static final String SERVER = "dev.mlp.server";
  private static final String GROUP = "dev.mlp.group";
  private static final String HOST = "dev.mlp.host";
  private static final String CREATED = "dev.mlp.created";

  Labels {
    if (!server.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}")) {
      throw new IllegalArgumentException("server identifier \"" + server + "\"");
    }
  }

  /** The label that all of them have, {@code name=value}. */
  String mark() {
    return SERVER + "=" + server;
  }

  String sharedNetwork() {
    return "mlp-" + server + ".shared";
  }

  String isolatedNetwork() {
    return "mlp-" + server + ".isolated";
  }

  String network(GroupId group) {
    return "mlp-" + server + "-" + group;
  }

  String container(GroupId group, String host) {
    return "mlp-" + server + "-" + group + "-" + host;
  }

  String volume(GroupId group, String host, int input) {
    return container(group, host) + "-input-" + input;
  }

  Map<String, String> ofServer(Instant now) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(SERVER, server);
    labels.put(CREATED, Long.toString(now.getEpochSecond()));
    return labels;
  }

  Map<String, String> ofGroup(InstanceGroupSpec spec, Instant now) {
    Map<String, String> labels = ofServer(now);
    labels.put(GROUP, spec.id().value());
    labels.put("dev.mlp.account", spec.owner().tenant().account());
    labels.put("dev.mlp.region", spec.owner().tenant().region());
    labels.put("dev.mlp.owner.kind", spec.owner().kind().name());
    labels.put("dev.mlp.owner.name", spec.owner().name());
    return labels;
  }

  Map<String, String> ofMember(InstanceGroupSpec spec, String host, Instant now) {
    Map<String, String> labels = ofGroup(spec, now);
    labels.put(HOST, host);
    return labels;
  }

  /** The group that something labelled belongs to; null for what is the whole server's. */
  static @Nullable String group(Map<String, String> labels) {
    return labels.get(GROUP);
  }

  /** Whether it was made long enough ago; true for what does not say when. */
  static boolean isOlder(Map<String, String> labels, Duration age, Instant now) {
    String created = labels.get(CREATED);
    return created == null
        || Instant.ofEpochSecond(Long.parseLong(created)).plus(age).isBefore(now);
  }
}
