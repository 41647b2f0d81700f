package dev.mlp.controlplane.endpoint;

import dev.mlp.controlplane.capacity.Capacity;
import dev.mlp.controlplane.capacity.CapacitySummary;
import dev.mlp.controlplane.capacity.Demand;
import dev.mlp.controlplane.container.ContainerRuntime;
import dev.mlp.controlplane.container.ContainerRuntimeException;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.RuntimeCapabilities;
import dev.mlp.controlplane.container.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Kills the control plane when its n-th act is done, before that can be recorded. */
final class Killer {
  /** The process is gone. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private int left;

  Killer(int acts) {
    this.left = acts;
  }

  boolean hasStruck() {
    return left <= 0;
  }

  private void done() {
    left--;
    if (left == 0) {
      throw new Killed();
    }
  }

  Capacity around(Capacity capacity) {
    return new Capacity() {
      @Override
      public Answer reserve(GroupId group, Demand demand, Instant now) {
        Answer answer = capacity.reserve(group, demand, now);
        done();
        return answer;
      }

      @Override
      public void release(GroupId group, Instant now) {
        capacity.release(group, now);
        done();
      }

      @Override
      public void onGrant(Consumer<GroupId> listener) {
        capacity.onGrant(listener);
      }

      @Override
      public CapacitySummary summary() {
        return capacity.summary();
      }
    };
  }

  ContainerRuntime around(ContainerRuntime runtime) {
    return new ContainerRuntime() {
      @Override
      public String name() {
        return runtime.name();
      }

      @Override
      public String platformHost() {
        return runtime.platformHost();
      }

      @Override
      public Map<String, Usage> usage(GroupId id) throws ContainerRuntimeException {
        return runtime.usage(id);
      }

      @Override
      public RuntimeCapabilities capabilities() {
        return runtime.capabilities();
      }

      @Override
      public void checkImage(String image) throws ContainerRuntimeException {
        runtime.checkImage(image);
      }

      @Override
      public void start(InstanceGroupSpec spec) throws ContainerRuntimeException {
        runtime.start(spec);
        done();
      }

      @Override
      public Optional<GroupObservation> observe(GroupId id) throws ContainerRuntimeException {
        return runtime.observe(id);
      }

      @Override
      public List<GroupObservation> observeAll() throws ContainerRuntimeException {
        return runtime.observeAll();
      }

      @Override
      public void stop(GroupId id, Duration grace) throws ContainerRuntimeException {
        runtime.stop(id, grace);
        done();
      }

      @Override
      public void remove(GroupId id) throws ContainerRuntimeException {
        runtime.remove(id);
        done();
      }

      @Override
      public void onChange(Consumer<GroupId> listener) {
        runtime.onChange(listener);
      }

      @Override
      public void close() {}
    };
  }
}
