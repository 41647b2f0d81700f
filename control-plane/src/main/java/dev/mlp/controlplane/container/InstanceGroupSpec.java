package dev.mlp.controlplane.container;

import java.util.List;

/**
 * What is started together: all members or none, in one private network, each reachable by the
 * others under its host name.
 *
 * @param networkIsolation nothing but the group itself can be reached
 */
public record InstanceGroupSpec(
    GroupId id, Owner owner, List<MemberSpec> members, boolean networkIsolation) {
  public InstanceGroupSpec {
    members = List.copyOf(members);
    if (members.isEmpty()) {
      throw new IllegalArgumentException("instance group " + id + " has no members");
    }
  }
}
