package dev.mlp.controlplane.artifact;

import dev.mlp.controlplane.artifact.ArtifactStore.StoredObject;
import dev.mlp.controlplane.artifact.StagingException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Brings objects into folders. A target is filled under another name and renamed when it is
 * complete, so it is whole or not there; staging again replaces it.
 *
 * <p>Blocks; any number of threads may stage at once, and share one limit on parallel downloads. An
 * interrupt ends it with an {@link InterruptedException} and leaves nothing. A {@link
 * StagingException} is final; after another {@link IOException} it can be tried again.
 */
public final class Staging {
  private static final int BUFFER = 64 * 1024;

  private final ArtifactStore store;
  private final Semaphore downloads;
  private final ToLongFunction<Path> usableBytes;

  /**
   * @param parallelDownloads objects read from the store at once, over all callers
   */
  public Staging(ArtifactStore store, int parallelDownloads) {
    this(store, parallelDownloads, folder -> folder.toFile().getUsableSpace());
  }

  Staging(ArtifactStore store, int parallelDownloads, ToLongFunction<Path> usableBytes) {
    this.store = store;
    this.downloads = new Semaphore(parallelDownloads);
    this.usableBytes = usableBytes;
  }

  /**
   * Brings every object whose key starts with the source's key.
   *
   * <p>Below {@code data/train} or {@code data/train/}, the object {@code data/train/a/b.csv}
   * becomes {@code a/b.csv}; any other key, such as {@code data/train-1.csv} or {@code
   * data/train/}'s own, keeps what follows the last slash of the source's key. A key that ends in a
   * slash becomes a folder.
   *
   * @param target a folder; replaced when it is there
   * @param progress told in words, often, from any thread: {@code 3 of 12 objects, 4.1 of 10 MiB}
   */
  public void prefix(S3Address source, Path target, Consumer<String> progress)
      throws IOException, InterruptedException {
    List<StoredObject> objects = store.list(source);
    if (objects.isEmpty()) {
      throw new StagingException(
          Problem.NO_OBJECTS,
          "No S3 objects found under S3 URL \"" + source + "\" given in input data source.");
    }
    long bytes = objects.stream().mapToLong(StoredObject::size).sum();
    Transfer transfer = new Transfer(objects.size(), bytes, progress);
    fill(
        source,
        target,
        bytes,
        folder -> {
          inParallel(
              objects.stream()
                  .<Callable<Void>>map(object ->
                      () -> {
                        download(object, file(source, object.address(), folder), transfer);
                        return null;
                      })
                  .toList());
        });
  }

  /**
   * Unpacks one tar archive, gzipped or plain, told apart by its first bytes. Every entry stays
   * below the target; devices, pipes, links that lead outside and set-user-id bits do not pass.
   *
   * @param target a folder; replaced when it is there
   * @param progress as for {@link #prefix}, in compressed bytes
   */
  public void archive(S3Address source, Path target, Consumer<String> progress)
      throws IOException, InterruptedException {
    Optional<StoredObject> found = store.find(source);
    if (found.isEmpty()) {
      throw new StagingException(
          Problem.NO_OBJECTS, "No S3 object found at S3 URL \"" + source + "\".");
    }
    Transfer transfer = new Transfer(1, found.get().size(), progress);
    fill(
        source,
        target,
        found.get().size(),
        folder -> {
          inParallel(
              List.of(() -> {
                downloads.acquire();
                try (InputStream in = store.read(source)) {
                  TarUnpacker.unpack(source.toString(), new CountedInput(in, transfer), folder);
                } catch (NoSuchFileException e) {
                  throw vanished(source, e);
                } finally {
                  downloads.release();
                }
                transfer.objectDone();
                return null;
              }));
        });
  }

  private interface Filling {
    void into(Path folder) throws IOException, InterruptedException;
  }

  private void fill(S3Address source, Path target, long bytes, Filling filling)
      throws IOException, InterruptedException {
    Path name = target.getFileName();
    if (name == null) {
      throw new IllegalArgumentException(target + ": expected a folder with a name");
    }
    Path unfinished = target.resolveSibling("." + name + ".staging");
    try {
      Folders.delete(unfinished);
      Files.createDirectories(unfinished);
      long usable = usableBytes.applyAsLong(unfinished);
      if (usable < bytes) {
        throw new StagingException(
            Problem.DISK_FULL,
            "Disk full: \"%s\" has %d bytes, the disk of %s has %d left"
                .formatted(source, bytes, target, usable));
      }
      filling.into(unfinished);
      Folders.delete(target);
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      throw isDiskFull(e)
          ? new StagingException(
              Problem.DISK_FULL, "Disk full while staging \"" + source + "\" to " + target, e)
          : e;
    } catch (IOException e) {
      throw isDiskFull(e)
          ? new StagingException(
              Problem.DISK_FULL, "Disk full while staging \"" + source + "\" to " + target, e)
          : e;
    } finally {
      Folders.delete(unfinished);
    }
  }

  /** The JDK has no type for it: the operating system's words are all there is. */
  private static boolean isDiskFull(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left on device") || message.contains("Disk quota exceeded");
  }

  /** Runs all on threads of their own; one failure or an interrupt ends the others first. */
  private static void inParallel(List<Callable<Void>> tasks)
      throws IOException, InterruptedException {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      ExecutorCompletionService<Void> results = new ExecutorCompletionService<>(threads);
      tasks.forEach(results::submit);
      for (int i = 0; i < tasks.size(); i++) {
        results.take().get();
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case InterruptedException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      threads.shutdownNow();
      threads.close();
    }
  }

  private void download(StoredObject object, Path file, Transfer transfer)
      throws IOException, InterruptedException {
    downloads.acquire();
    try {
      if (object.address().key().endsWith("/") && object.size() == 0) {
        Files.createDirectories(file);
        transfer.objectDone();
        return;
      }
      Path parent = file.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      long size = 0;
      try (InputStream in = new CountedInput(store.read(object.address()), transfer);
          OutputStream out =
              Files.newOutputStream(file, java.nio.file.StandardOpenOption.CREATE_NEW)) {
        byte[] buffer = new byte[BUFFER];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          out.write(buffer, 0, n);
          size += n;
        }
      }
      if (size != object.size()) {
        throw new IOException(
            "%s: got %d bytes of %d".formatted(object.address(), size, object.size()));
      }
      transfer.objectDone();
    } catch (NoSuchFileException e) {
      throw vanished(object.address(), e);
    } catch (FileAlreadyExistsException e) {
      throw new StagingException(
          Problem.UNUSABLE_KEY,
          "The object \""
              + object.address()
              + "\" and another one would be the same file or folder",
          e);
    } finally {
      downloads.release();
    }
  }

  /** Listed and then deleted; a new attempt lists again. */
  private static IOException vanished(S3Address address, NoSuchFileException e) {
    return new IOException(address + " was deleted while it was staged", e);
  }

  private static Path file(S3Address source, S3Address object, Path folder)
      throws StagingException {
    String prefix = source.key();
    String key = object.key();
    String name;
    if (prefix.endsWith("/") && key.length() > prefix.length()) {
      name = key.substring(prefix.length());
    } else if (key.startsWith(prefix + "/") && !prefix.isEmpty()) {
      name = key.substring(prefix.length() + 1);
    } else if (prefix.endsWith("/")) {
      name = "";
    } else {
      name = key.substring(prefix.lastIndexOf('/') + 1);
    }
    Path file = folder.resolve("./" + name).normalize();
    if (name.indexOf('\0') >= 0 || hasDots(name) || !file.startsWith(folder)) {
      throw new StagingException(
          Problem.UNUSABLE_KEY, "The object \"" + object + "\" cannot be a file below a folder");
    }
    return file;
  }

  private static boolean hasDots(String name) {
    for (String part : name.split("/", -1)) {
      if (part.equals("..") || part.equals(".")) {
        return true;
      }
    }
    return false;
  }

  /** Counts, and ends at an interrupt even when the source would go on. */
  private static final class CountedInput extends java.io.FilterInputStream {
    private final Transfer transfer;

    CountedInput(InputStream in, Transfer transfer) {
      super(in);
      this.transfer = transfer;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted while staging");
      }
      int n = in.read(buffer, offset, length);
      if (n > 0) {
        transfer.moved(n);
      }
      return n;
    }
  }
}
