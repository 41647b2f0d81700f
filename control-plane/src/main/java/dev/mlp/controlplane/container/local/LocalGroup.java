package dev.mlp.controlplane.container.local;

import dev.mlp.controlplane.container.GroupObservation;
import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
final class LocalGroup {
  private static final String SPEC = "group.json";
  private static final String STOP = "stop";

  private final InstanceGroupSpec spec;
  private final Path folder;
  private final List<LocalMember> members;

  private LocalGroup(InstanceGroupSpec spec, Path folder, List<LocalMember> members) {
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
  static LocalGroup load(Path folder, LocalMember.Tools tools, Runnable changed)
      throws IOException {
    InstanceGroupSpec spec = StateJson.readSpec(Files.readString(folder.resolve(SPEC)));
    StartGate gate = new StartGate(spec.members().size());
    List<LocalMember> members = new ArrayList<>();
    for (MemberSpec member : spec.members()) {
      members.add(
          new LocalMember(
              spec,
              member,
              new MemberFolder(folder.resolve(member.hostName())),
              tools,
              gate,
              changed));
    }
    LocalGroup group = new LocalGroup(spec, folder, List.copyOf(members));
    Optional<Instant> stop = group.storedStop();
    stop.ifPresent(deadline -> members.forEach(member -> member.stop(deadline)));
    return group;
  }

  InstanceGroupSpec spec() {
    return spec;
  }

  void begin() {
    members.forEach(LocalMember::begin);
  }

  GroupObservation observe() {
    return new GroupObservation(
        spec.id(), spec.owner(), members.stream().map(LocalMember::seen).toList());
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

  /** By host name, of those that run. */
  Map<String, Usage> usage() throws IOException {
    Map<String, Usage> usage = new LinkedHashMap<>();
    for (LocalMember member : members) {
      member.usage().ifPresent(used -> usage.put(member.seen().hostName(), used));
    }
    return usage;
  }

  /** Ends the threads, not the programs. */
  void letGo() throws InterruptedException {
    members.forEach(LocalMember::letGo);
    for (LocalMember member : members) {
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
    for (LocalMember member : members) {
      gone &= member.clear();
    }
    return gone;
  }

  Path folder() {
    return folder;
  }
}
