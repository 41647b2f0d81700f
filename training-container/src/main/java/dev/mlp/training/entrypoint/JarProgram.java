package dev.mlp.training.entrypoint;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A user's jar: where it starts, and whether it brings TensorFlow.
 *
 * @param bringsTensorFlow whether classes of tensorflow-java lie in it, in a jar within it or in
 *     one that its manifest names
 */
record JarProgram(String mainClass, boolean bringsTensorFlow) {
  private static final String[] TENSORFLOW_JARS = {
    "tensorflow-", "ndarray-", "javacpp-", "protobuf-java-"
  };

  /**
   * Looks into a jar.
   *
   * @param name for messages
   */
  static JarProgram read(Path jar, String name) throws IOException, ClientErrorException {
    try (JarFile file = new JarFile(jar.toFile())) {
      String mainClass = attribute(file.getManifest(), Attributes.Name.MAIN_CLASS);
      if (mainClass.isEmpty()) {
        throw new ClientErrorException(
            "The jar "
                + name
                + " does not say where it starts: its META-INF/MANIFEST.MF has no Main-Class."
                + " Name the class with the main method there, with Maven by maven-jar-plugin's"
                + " <mainClass>, with the jar tool by --main-class.");
      }
      return new JarProgram(mainClass, bringsTensorFlow(file, jar, new HashSet<>()));
    } catch (ZipException e) {
      throw new ClientErrorException("The jar " + name + " cannot be read: " + e.getMessage());
    }
  }

  /**
   * What stands behind the user's jar on its class path: the library for training programs, and the
   * platform's TensorFlow where the jar has none. Two versions of TensorFlow are never mixed.
   */
  List<String> libraries(Map<String, String> environment) throws IOException {
    String own = System.getProperty("java.class.path");
    List<String> libraries = new ArrayList<>();
    libraries.add(ownClasses().toString());
    for (String entry : own.split(File.pathSeparator, -1)) {
      // All that the library needs, to read hyperparameters.
      if (fileName(entry).startsWith("jackson-core")) {
        libraries.add(Path.of(entry).toAbsolutePath().toString());
      }
    }
    if (!bringsTensorFlow) {
      libraries.addAll(tensorFlow(own, environment));
    }
    return libraries;
  }

  private static Set<String> tensorFlow(String own, Map<String, String> environment)
      throws IOException {
    Set<String> jars = new TreeSet<>();
    String folder = environment.getOrDefault("MLP_TENSORFLOW_CLASSPATH", "");
    if (folder.isEmpty()) {
      for (String entry : own.split(File.pathSeparator, -1)) {
        addTensorFlow(Path.of(entry), jars);
      }
    } else {
      try (var files = Files.newDirectoryStream(Path.of(folder), "*.jar")) {
        for (Path file : files) {
          addTensorFlow(file, jars);
        }
      }
    }
    return jars;
  }

  private static void addTensorFlow(Path jar, Set<String> jars) {
    String name = fileName(jar.toString());
    for (String prefix : TENSORFLOW_JARS) {
      if (name.startsWith(prefix) && name.endsWith(".jar")) {
        jars.add(jar.toAbsolutePath().toString());
      }
    }
  }

  /** Where our own classes lie: this module's jar, or their folder in a development tree. */
  private static Path ownClasses() throws IOException {
    CodeSource source = JarProgram.class.getProtectionDomain().getCodeSource();
    try {
      return Path.of(source.getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException("cannot tell where the entry point's classes lie", e);
    }
  }

  private static boolean bringsTensorFlow(JarFile jar, Path path, Set<Path> seen)
      throws IOException {
    Enumeration<JarEntry> entries = jar.entries();
    while (entries.hasMoreElements()) {
      String name = entries.nextElement().getName();
      boolean isClass = name.endsWith(".class") && name.contains("org/tensorflow/");
      boolean isNested = name.endsWith(".jar") && fileName(name).startsWith("tensorflow-");
      if (isClass || isNested) {
        return true;
      }
    }
    String named = attribute(jar.getManifest(), Attributes.Name.CLASS_PATH);
    for (String reference : named.split(" ", -1)) {
      Path other = path.resolveSibling(reference).normalize();
      if (reference.endsWith(".jar") && seen.add(other) && Files.isRegularFile(other)) {
        try (JarFile next = new JarFile(other.toFile())) {
          if (bringsTensorFlow(next, other, seen)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static String attribute(@Nullable Manifest manifest, Attributes.Name name) {
    String value = manifest == null ? null : manifest.getMainAttributes().getValue(name);
    return value == null ? "" : value.strip();
  }

  private static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
