package dev.mlp.controlplane.access;

/**
 * An access key that belongs to one instance and goes with its group.
 *
 * @param group the instance group's id
 * @param host the instance in the group
 * @param scope all that the key can do, besides asking who it is
 */
record InstanceKey(AccessKey key, String group, String host, StoreScope scope) {
  InstanceKey within(StoreScope other) {
    return new InstanceKey(key, group, host, other);
  }
}
