package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A group and its folder.
 *
 * <pre>
 * group.json   the spec, owner included
 * stop         the time of SIGKILL, once a stop was asked for
 * HOST/        a {@link MemberFolder} per member
 * </pre>
 */
final class ProcessGroup {
  private static final String SPEC = "group.json";
  private static final String STOP = "stop";

  private final InstanceGroupSpec spec;
  private final Path folder;
  private final List<ProcessMember> members;

  private ProcessGroup(InstanceGroupSpec spec, Path folder, List<ProcessMember> members) {
    this.spec = spec;
    this.folder = folder;
    this.members = members;
  }

  /** Writes all that a group needs to be started into an empty folder. */
  static void write(InstanceGroupSpec spec, Path folder) throws IOException {
    for (MemberSpec member : spec.members()) {
      MemberFolder place = new MemberFolder(folder.resolve(member.hostName()));
      place.create();
      for (var file : member.files().entrySet()) {
        Path path = place.ml().resolve(file.getKey());
        Path parent = path.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Files.writeString(path, file.getValue());
      }
    }
    MemberFolder.writeWhole(folder.resolve(SPEC), StateJson.write(spec));
  }

  /** Loads what {@link #write} wrote; the members stand still until {@link #begin}. */
  static ProcessGroup load(
      Path folder, BuiltInImages images, ProcessMember.Tools tools, Runnable changed)
      throws IOException {
    InstanceGroupSpec spec = StateJson.readSpec(Files.readString(folder.resolve(SPEC)));
    StartGate gate = new StartGate(spec.members().size());
    List<ProcessMember> members = new ArrayList<>();
    for (MemberSpec member : spec.members()) {
      members.add(
          new ProcessMember(
              spec.id(),
              member,
              images,
              new MemberFolder(folder.resolve(member.hostName())),
              tools,
              gate,
              changed));
    }
    ProcessGroup group = new ProcessGroup(spec, folder, List.copyOf(members));
    Optional<Instant> stop = group.storedStop();
    stop.ifPresent(deadline -> members.forEach(member -> member.stop(deadline)));
    return group;
  }

  InstanceGroupSpec spec() {
    return spec;
  }

  void begin() {
    members.forEach(ProcessMember::begin);
  }

  GroupObservation observe() {
    return new GroupObservation(
        spec.id(), spec.owner(), members.stream().map(ProcessMember::seen).toList());
  }

  /** An earlier deadline stands. */
  void stop(Instant deadline) throws IOException {
    if (members.stream().allMatch(member -> member.seen().phase().terminal())) {
      return;
    }
    Instant earliest = storedStop().filter(stored -> stored.isBefore(deadline)).orElse(deadline);
    MemberFolder.writeWhole(folder.resolve(STOP), earliest.toString());
    members.forEach(member -> member.stop(earliest));
  }

  private Optional<Instant> storedStop() throws IOException {
    try {
      return Optional.of(Instant.parse(Files.readString(folder.resolve(STOP))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Ends the threads, not the programs. */
  void letGo() throws InterruptedException {
    members.forEach(ProcessMember::letGo);
    for (ProcessMember member : members) {
      member.join();
    }
  }

  /**
   * Ends the threads and kills every process.
   *
   * @return whether all are gone
   */
  boolean clear() throws IOException, InterruptedException {
    letGo();
    boolean gone = true;
    for (ProcessMember member : members) {
      gone &= member.clear();
    }
    return gone;
  }

  Path folder() {
    return folder;
  }
}
