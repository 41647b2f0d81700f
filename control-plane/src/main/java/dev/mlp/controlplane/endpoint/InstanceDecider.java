package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.container.MemberObservation;
import dev.mlp.controlplane.container.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What is to be done next with one instance. Pure. */
final class InstanceDecider {
  private static final InstanceAction REST = new InstanceAction.Rest();

  private InstanceDecider() {}

  /**
   * @param wanted it is to serve; otherwise it is to go
   */
  static InstanceAction decide(
      Instance instance,
      VariantSpec spec,
      boolean wanted,
      InstanceObservation seen,
      EndpointLimits limits,
      Instant now) {
    return switch (instance.state()) {
      case InstanceState.Waiting _ ->
          wanted ? new InstanceAction.Begin() : new InstanceAction.Stop(Optional.empty());
      case InstanceState.Starting(var since) ->
          wanted ? starting(since, spec, seen, now) : new InstanceAction.Stop(Optional.empty());
      case InstanceState.Ready ready ->
          wanted ? ready(ready, seen, limits) : new InstanceAction.Drain(Optional.empty());
      case InstanceState.Draining(var since, _) -> {
        boolean over = now.isAfter(since.plus(limits.drainTimeout()));
        boolean runs =
            seen.member()
                .map(MemberObservation::phase)
                .filter(Phase.Running.class::isInstance)
                .isPresent();
        yield seen.drained() || over || !runs ? new InstanceAction.Stop(Optional.empty()) : REST;
      }
      case InstanceState.Stopping(var since, _) -> {
        Duration allowed = limits.stopGrace().plus(limits.stopSlack());
        boolean ended = seen.member().map(member -> member.phase().terminal()).orElse(true);
        yield ended || now.isAfter(since.plus(allowed)) ? new InstanceAction.Remove() : REST;
      }
      case InstanceState.Failed _ -> REST;
    };
  }

  private static InstanceAction starting(
      Instant since, VariantSpec spec, InstanceObservation seen, Instant now) {
    if (seen.member().isEmpty()) {
      return stop(new InstanceTrouble.Vanished("it was removed from outside"));
    }
    MemberObservation member = seen.member().get();
    return switch (member.phase()) {
      case Phase.Pending _, Phase.Staging _ -> {
        Instant from = member.stagingAt().orElse(since);
        yield now.isAfter(from.plus(spec.downloadTimeout()))
            ? stop(new InstanceTrouble.StagingTooSlow(spec.downloadTimeout()))
            : REST;
      }
      case Phase.Running _ -> {
        if (seen.pings().passed() && member.address().isPresent()) {
          HostPort address = HostPort.parse(member.address().get());
          yield new InstanceAction.Admit(address.host(), address.port());
        }
        Instant from = member.runningAt().orElse(since);
        yield now.isAfter(from.plus(spec.startupTimeout()))
            ? stop(new InstanceTrouble.StartTooSlow(spec.startupTimeout()))
            : REST;
      }
      case Phase.Collecting _, Phase.Exited _, Phase.Broken _, Phase.Lost _ ->
          stop(ended(member.phase()));
    };
  }

  private static InstanceAction ready(
      InstanceState.Ready ready, InstanceObservation seen, EndpointLimits limits) {
    if (seen.member().isEmpty()) {
      return stop(new InstanceTrouble.Vanished("it was removed from outside"));
    }
    MemberObservation member = seen.member().get();
    return switch (member.phase()) {
      case Phase.Running _ -> {
        if (seen.pings().failuresInRow() >= limits.failedPings()) {
          yield new InstanceAction.Drain(
              Optional.of(new InstanceTrouble.Unresponsive(seen.pings().failuresInRow())));
        }
        Optional<HostPort> address = member.address().map(HostPort::parse);
        // A restarted engine may publish the same container under another port.
        yield address.isPresent() && !address.get().equals(new HostPort(ready.host(), ready.port()))
            ? new InstanceAction.Admit(address.get().host(), address.get().port())
            : REST;
      }
      case Phase.Pending _, Phase.Staging _ ->
          stop(new InstanceTrouble.Vanished("it was started anew from outside"));
      case Phase.Collecting _, Phase.Exited _, Phase.Broken _, Phase.Lost _ ->
          stop(ended(member.phase()));
    };
  }

  private static InstanceTrouble ended(Phase phase) {
    return switch (phase) {
      case Phase.Collecting(var exit) -> new InstanceTrouble.Exited(exit);
      case Phase.Exited(var exit) -> new InstanceTrouble.Exited(exit);
      case Phase.Broken(var step, var reason, _) -> new InstanceTrouble.Broke(step, reason);
      case Phase.Lost(var reason) -> new InstanceTrouble.Vanished(reason);
      case Phase.Pending _, Phase.Staging _, Phase.Running _ ->
          throw new IllegalArgumentException(phase + " is not an end");
    };
  }

  private static InstanceAction stop(InstanceTrouble trouble) {
    return new InstanceAction.Stop(Optional.of(trouble));
  }
}
