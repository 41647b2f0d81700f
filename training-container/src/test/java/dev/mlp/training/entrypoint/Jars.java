package dev.mlp.training.entrypoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Makes jars from sources. */
final class Jars {
  /** Stands in for TensorFlow: one class that says whose it is. */
  static final String TENSORFLOW =
      "package org.tensorflow; public class TensorFlow { public static String owner() { return"
          + " \"%s\"; } }";

  private Jars() {}

  /**
   * Compiles and packs.
   *
   * @param sources by file name, such as {@code org/x/A.java}
   * @param classPath what the sources need besides
   */
  static Path make(
      Path jar,
      Map<Attributes.Name, String> attributes,
      Map<String, String> sources,
      Path... classPath)
      throws IOException {
    Path work = Files.createTempDirectory(jar.getParent(), "jar");
    Path classes = Files.createDirectories(work.resolve("classes"));
    List<String> arguments = new ArrayList<>(List.of("-d", classes.toString(), "-proc:none"));
    if (classPath.length > 0) {
      arguments.addAll(
          List.of("-cp", String.join(":", Stream.of(classPath).map(Path::toString).toList())));
    }
    for (Map.Entry<String, String> source : sources.entrySet()) {
      Path file = work.resolve(source.getKey());
      Files.createDirectories(file.getParent());
      arguments.add(Files.writeString(file, source.getValue()).toString());
    }
    if (!sources.isEmpty()) {
      assertThat(
              ToolProvider.getSystemJavaCompiler()
                  .run(null, null, null, arguments.toArray(new String[0])))
          .isZero();
    }
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.forEach(manifest.getMainAttributes()::put);
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream packed = new JarOutputStream(out, manifest);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        packed.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, packed);
      }
    }
    return jar;
  }
}
