package dev.mlp.controlplane.container;

import dev.mlp.controlplane.artifact.ArtifactStore;
import dev.mlp.controlplane.artifact.Collecting;
import dev.mlp.controlplane.artifact.Folders;
import dev.mlp.controlplane.artifact.OutputFolder;
import dev.mlp.controlplane.artifact.StagingCache;
import dev.mlp.controlplane.container.Phase.Exit;
import dev.mlp.controlplane.container.Phase.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Carries programs out inside the test, for the fake runtime: what a real runtime and the operating
 * system do. It outlives the runtime objects that drive it.
 */
final class SimulatedMachine implements FakeContainerRuntime.Machine {
  private static final class Member {
    private final MemberSpec spec;
    private final Path folder;
    private final CountDownLatch told = new CountDownLatch(1);
    private volatile @Nullable Instant killAt;
    private volatile @Nullable ServerSocket socket;
    private @Nullable Thread thread;

    Member(MemberSpec spec, Path folder) {
      this.spec = spec;
      this.folder = folder;
    }
  }

  /** The program's end, thrown out of its steps. */
  private static final class Ended extends Exception {
    private static final long serialVersionUID = 1L;
    private final int code;

    Ended(int code) {
      this.code = code;
    }
  }

  private final Path root;
  private final StagingCache cache;
  private final Collecting collecting;
  private final Function<MemberSpec, Program> programs;
  private final Map<GroupId, List<Member>> groups = new ConcurrentHashMap<>();
  private final Clock clock = Clock.systemUTC();
  private volatile FakeContainerRuntime runtime;

  SimulatedMachine(
      Path root,
      ArtifactStore store,
      FakeContainerRuntime runtime,
      Function<MemberSpec, Program> programs) {
    this.root = root;
    this.cache = cache(root, store, clock);
    this.collecting = new Collecting(store);
    this.runtime = runtime;
    this.programs = programs;
    runtime.driveBy(this);
  }

  private static StagingCache cache(Path root, ArtifactStore store, Clock clock) {
    try {
      return StagingCache.open(store, root.resolve(".cache"), 4, 1L << 30, clock);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whose listeners hear of changes from now on. */
  void report(FakeContainerRuntime restarted) {
    runtime = restarted;
  }

  @Override
  public void started(InstanceGroupSpec spec) {
    List<Member> members = new ArrayList<>();
    for (MemberSpec member : spec.members()) {
      members.add(new Member(member, root.resolve(spec.id().value()).resolve(member.hostName())));
    }
    groups.put(spec.id(), members);
    CountDownLatch staged = new CountDownLatch(members.size());
    List<String> failed = java.util.Collections.synchronizedList(new ArrayList<>());
    for (Member member : members) {
      member.thread =
          Thread.startVirtualThread(() -> live(spec.id(), spec.owner(), member, staged, failed));
    }
  }

  private void live(
      GroupId id, Owner owner, Member member, CountDownLatch staged, List<String> failed) {
    String host = member.spec.hostName();
    try {
      Files.createDirectories(member.folder);
      runtime.stage(id, host, "starting");
      try {
        for (Input input : member.spec.inputs()) {
          stage(id, owner, member, input);
        }
      } catch (IOException e) {
        failed.add(host);
        staged.countDown();
        runtime.breakDown(id, host, Step.STAGING, String.valueOf(e.getMessage()));
        return;
      }
      staged.countDown();
      staged.await();
      if (!failed.isEmpty()) {
        runtime.breakDown(
            id, host, Step.STARTING, "Not started because " + failed + " could not be staged.");
        return;
      }
      if (member.spec.servingPort().isPresent()) {
        ServerSocket socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        member.socket = socket;
        runtime.run(id, host, Optional.of("127.0.0.1:" + socket.getLocalPort()));
      } else {
        runtime.run(id, host);
      }
      int code = run(member);
      Exit exit = new Exit(code, false, failure(member), clock.instant());
      runtime.collect(id, host, exit);
      for (Output output : member.spec.outputs()) {
        collect(member, output, exit);
      }
      runtime.exit(id, host, exit);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException | NoSuchElementException | IllegalStateException e) {
      // Stopped before it ran, or removed: the runtime has moved on without this member.
      staged.countDown();
    }
  }

  private void stage(GroupId id, Owner owner, Member member, Input input)
      throws IOException, InterruptedException {
    String account = owner.tenant().account();
    String holder = id + "/" + member.spec.hostName();
    int index = input.shard().index();
    int count = input.shard().count();
    retrying(() -> {
      Path tree =
          switch (input.kind()) {
            case PREFIX -> cache.prefix(account, input.source(), index, count, holder, text -> {});
            case MANIFEST ->
                cache.manifest(account, input.source(), index, count, holder, text -> {});
            case ARCHIVE -> cache.archive(account, input.source(), holder, text -> {});
          };
      copy(tree, member.folder.resolve(input.path()));
    });
    runtime.stage(id, member.spec.hostName(), "staged " + input.source());
  }

  private void collect(Member member, Output output, Exit exit)
      throws IOException, InterruptedException {
    retrying(() ->
        collecting.collect(
            new OutputFolder.OnDisk(member.folder.resolve(output.path())),
            member.folder.resolve("archive"),
            output.destination(),
            output.evenEmptyAfter(exit),
            text -> {}));
  }

  private interface Attempt {
    void run() throws IOException, InterruptedException;
  }

  private static void retrying(Attempt attempt) throws IOException, InterruptedException {
    try {
      attempt.run();
    } catch (dev.mlp.controlplane.artifact.StagingException e) {
      throw e;
    } catch (IOException e) {
      attempt.run();
    }
  }

  private int run(Member member) throws IOException, InterruptedException {
    boolean ignoresTerm = false;
    try {
      for (Program.Step step : programs.apply(member.spec).steps()) {
        switch (step) {
          case Program.Step.Print(String line) ->
              append(member.spec.log(), line + System.lineSeparator());
          case Program.Step.Write(String path, String text) -> {
            Path file = member.folder.resolve(path);
            Files.createDirectories(java.util.Objects.requireNonNull(file.getParent()));
            Files.writeString(file, text);
          }
          case Program.Step.IgnoreTerm _ -> ignoresTerm = true;
          case Program.Step.Await(Path file) -> {
            while (!Files.exists(file)) {
              pause(member, ignoresTerm);
            }
          }
          case Program.Step.Serve _ -> serve(member, ignoresTerm);
          case Program.Step.Die(int signal) -> throw new Ended(128 + signal);
          case Program.Step.Exit(int code) -> throw new Ended(code);
        }
      }
      return 0;
    } catch (Ended end) {
      return end.code;
    }
  }

  private void pause(Member member, boolean ignoresTerm) throws InterruptedException, Ended {
    if (!member.told.await(5, TimeUnit.MILLISECONDS)) {
      return;
    }
    if (!ignoresTerm) {
      throw new Ended(143);
    }
    Instant killAt = member.killAt;
    if (killAt != null && !clock.instant().isBefore(killAt)) {
      throw new Ended(137);
    }
    java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
  }

  private void serve(Member member, boolean ignoresTerm)
      throws IOException, InterruptedException, Ended {
    ServerSocket socket = java.util.Objects.requireNonNull(member.socket);
    socket.setSoTimeout(5);
    while (true) {
      try (Socket connection = socket.accept()) {
        connection.setSoTimeout(1000);
        byte[] request = new byte[4096];
        if (connection.getInputStream().read(request) >= 0) {
          connection
              .getOutputStream()
              .write(
                  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                      .getBytes(StandardCharsets.US_ASCII));
        }
      } catch (java.net.SocketTimeoutException e) {
        pause(member, ignoresTerm);
      }
    }
  }

  private static void append(Path log, String text) throws IOException {
    Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static Optional<String> failure(Member member) throws IOException {
    Path file = member.folder.resolve(member.spec.failureFile());
    return Files.exists(file)
        ? Optional.of(Files.readString(file))
            .map(text -> text.substring(0, Math.min(1024, text.length())))
        : Optional.empty();
  }

  @Override
  public void stopping(GroupId id, Duration grace) {
    for (Member member : groups.getOrDefault(id, List.of())) {
      member.killAt = clock.instant().plus(grace);
      member.told.countDown();
    }
  }

  @Override
  public void removed(GroupId id) {
    try {
      for (Member member : Optional.ofNullable(groups.remove(id)).orElse(List.of())) {
        cache.release(id + "/" + member.spec.hostName());
        Thread thread = java.util.Objects.requireNonNull(member.thread);
        thread.interrupt();
        thread.join();
        ServerSocket socket = member.socket;
        if (socket != null) {
          socket.close();
        }
      }
      Folders.delete(root.resolve(id.value()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void copy(Path source, Path target) throws IOException, InterruptedException {
    Path unfinished = target.resolveSibling("." + target.getFileName() + ".copying");
    Folders.delete(unfinished);
    if (target.getParent() != null) {
      Files.createDirectories(target.getParent());
    }
    try (Stream<Path> entries = Files.walk(source)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while copying " + source);
        }
        Files.copy(
            entry,
            unfinished.resolve(source.relativize(entry).toString()),
            StandardCopyOption.COPY_ATTRIBUTES,
            LinkOption.NOFOLLOW_LINKS);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    Folders.delete(target);
    Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
  }
}
