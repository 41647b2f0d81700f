package dev.mlp.controlplane.container;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Several runtimes as one: new groups go to the preferred one, and a group stays with the runtime
 * that started it, also when another is preferred after a restart.
 */
public final class RuntimeRouter implements ContainerRuntime {
  private final List<ContainerRuntime> all;

  /**
   * @param all the one for new groups first; all are closed with this one
   */
  public RuntimeRouter(List<? extends ContainerRuntime> all) {
    if (all.isEmpty()) {
      throw new IllegalArgumentException("no runtime: expected at least one");
    }
    this.all = List.copyOf(all);
  }

  private ContainerRuntime preferred() {
    return all.getFirst();
  }

  /** Of the runtime for new groups; so are its capabilities, and what it says of images. */
  @Override
  public String name() {
    return preferred().name();
  }

  @Override
  public String platformHost() {
    return preferred().platformHost();
  }

  @Override
  public RuntimeCapabilities capabilities() {
    return preferred().capabilities();
  }

  @Override
  public void checkImage(String image) throws ContainerRuntimeException {
    preferred().checkImage(image);
  }

  @Override
  public void start(InstanceGroupSpec spec) throws ContainerRuntimeException {
    holder(spec.id()).orElse(preferred()).start(spec);
  }

  @Override
  public Optional<GroupObservation> observe(GroupId id) throws ContainerRuntimeException {
    for (ContainerRuntime runtime : all) {
      Optional<GroupObservation> seen = runtime.observe(id);
      if (seen.isPresent()) {
        return seen;
      }
    }
    return Optional.empty();
  }

  @Override
  public List<GroupObservation> observeAll() throws ContainerRuntimeException {
    List<GroupObservation> seen = new ArrayList<>();
    for (ContainerRuntime runtime : all) {
      seen.addAll(runtime.observeAll());
    }
    return seen;
  }

  @Override
  public Map<String, Usage> usage(GroupId id) throws ContainerRuntimeException {
    Optional<ContainerRuntime> holder = holder(id);
    return holder.isPresent() ? holder.get().usage(id) : Map.of();
  }

  @Override
  public void stop(GroupId id, Duration grace) throws ContainerRuntimeException {
    Optional<ContainerRuntime> holder = holder(id);
    if (holder.isPresent()) {
      holder.get().stop(id, grace);
    }
  }

  @Override
  public void remove(GroupId id) throws ContainerRuntimeException {
    Optional<ContainerRuntime> holder = holder(id);
    if (holder.isPresent()) {
      holder.get().remove(id);
    }
  }

  private Optional<ContainerRuntime> holder(GroupId id) throws ContainerRuntimeException {
    for (ContainerRuntime runtime : all) {
      if (runtime.observe(id).isPresent()) {
        return Optional.of(runtime);
      }
    }
    return Optional.empty();
  }

  @Override
  public void onChange(Consumer<GroupId> listener) {
    all.forEach(runtime -> runtime.onChange(listener));
  }

  @Override
  public void close() {
    all.forEach(ContainerRuntime::close);
  }
}
