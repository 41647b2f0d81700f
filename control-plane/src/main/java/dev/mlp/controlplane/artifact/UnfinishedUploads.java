package dev.mlp.controlplane.artifact;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the file store leaves behind when it is killed during an upload.
 *
 * <p>An object is written to {@code <key>-<random UUID>}, gets its checksum as an extended
 * attribute, and is renamed: a file of that form without the attribute is no object. Parts of
 * multipart uploads are {@code .mpus-<upload id>-…} in the bucket's folder, beside {@code
 * .s3proxy-mpu-stub-<upload id>}.
 */
final class UnfinishedUploads {
  private static final Logger logger = LoggerFactory.getLogger(UnfinishedUploads.class);
  private static final String UUID_FORM = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
  private static final Pattern TEMPORARY = Pattern.compile("-" + UUID_FORM + "$");
  private static final Pattern PART =
      Pattern.compile("^\\.(?:mpus|s3proxy-mpu-stub)-(" + UUID_FORM + ").*");
  private static final int SUFFIX_LENGTH = 37;

  /** As Java names it: the kernel's name has one more {@code user.} before it. */
  private static final String CHECKSUM_ATTRIBUTE = "user.content-md5";

  private UnfinishedUploads() {}

  static boolean isTemporaryName(String key) {
    return TEMPORARY.matcher(key).find();
  }

  /** The key of the object that a temporary file was to become. */
  static String withoutSuffix(String temporaryName) {
    return temporaryName.substring(0, temporaryName.length() - SUFFIX_LENGTH);
  }

  /** Deletes temporary files last written before {@code before}. */
  static void sweepTemporaryFiles(Path folder, Instant before) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()
                && isTemporaryName(file.getFileName().toString())
                && attributes.lastModifiedTime().toInstant().isBefore(before)
                && !hasChecksum(file)
                && Files.deleteIfExists(file)) {
              logger.info("deleted {}: an upload that was not finished", file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            return vanished(e);
          }
        });
  }

  private static boolean hasChecksum(Path file) throws IOException {
    var attributes = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
    try {
      return attributes.list().contains(CHECKSUM_ATTRIBUTE);
    } catch (NoSuchFileException e) {
      return true; // Renamed to its object meanwhile.
    }
  }

  /** Deletes the parts of multipart uploads whose newest part is older than {@code before}. */
  static void sweepParts(Path folder, Instant before) throws IOException {
    for (Path bucket : children(folder)) {
      if (!Files.isDirectory(bucket)) {
        continue;
      }
      Map<String, List<Path>> uploads = new HashMap<>();
      for (Path entry : children(bucket)) {
        Matcher part = PART.matcher(entry.getFileName().toString());
        if (part.matches()) {
          uploads.computeIfAbsent(part.group(1), id -> new ArrayList<>()).add(entry);
        }
      }
      for (Map.Entry<String, List<Path>> upload : uploads.entrySet()) {
        if (newest(upload.getValue()).isBefore(before)) {
          for (Path entry : upload.getValue()) {
            Folders.delete(entry);
          }
          logger.info(
              "deleted the parts of upload {} in {}: not finished", upload.getKey(), bucket);
        }
      }
    }
  }

  /** A key with slashes makes folders below the part's entry. */
  private static Instant newest(List<Path> entries) throws IOException {
    Instant[] newest = {Instant.MIN};
    for (Path entry : entries) {
      Files.walkFileTree(
          entry,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              Instant modified = attributes.lastModifiedTime().toInstant();
              newest[0] = modified.isAfter(newest[0]) ? modified : newest[0];
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              return vanished(e);
            }
          });
    }
    return newest[0];
  }

  private static FileVisitResult vanished(IOException e) throws IOException {
    if (e instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE;
    }
    throw e;
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.toList();
    }
  }
}
