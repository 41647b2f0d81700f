package dev.mlp.controlplane.container;

import java.util.List;

/** A group as its runtime sees it now: one entry per member, in the spec's order. */
public record GroupObservation(GroupId id, Owner owner, List<MemberObservation> members) {
  public GroupObservation {
    members = List.copyOf(members);
  }
}
