import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Lays TensorFlow out for an image; a step of its build, run from source.
 *
 * <pre>
 * jars/        the jars without the native one
 * native/      the native jar's libraries, unpacked
 * lib          link to the folder in native/ where they lie: for java.library.path
 * class-path/  links to all of them: the native folder under its jar's name, so that it stands for
 *              the jar on a class path; JavaCPP loads libraries from folders where they are
 * </pre>
 */
public final class UnpackTensorFlow {
  private static final int ELF_HEADER = 64;

  private UnpackTensorFlow() {}

  public static void main(String[] arguments) throws IOException {
    Path from = Path.of(arguments[0]);
    Path to = Path.of(arguments[1]);
    Path classPath = Files.createDirectories(to.resolve("class-path"));
    Files.createDirectories(to.resolve("jars"));
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(from, "*.jar")) {
      for (Path jar : jars) {
        String name = jar.getFileName().toString();
        if (unpack(jar, to)) {
          Files.createSymbolicLink(classPath.resolve(name), Path.of("../native"));
        } else {
          Files.copy(jar, to.resolve("jars").resolve(name));
          Files.createSymbolicLink(classPath.resolve(name), Path.of("../jars", name));
        }
      }
    }
    if (!Files.exists(to.resolve("lib"))) {
      throw new IOException("no jar in " + from + " holds native libraries");
    }
  }

  /** The result is whether the jar holds native libraries. */
  private static boolean unpack(Path jar, Path to) throws IOException {
    boolean found = false;
    try (JarFile file = new JarFile(jar.toFile())) {
      Enumeration<JarEntry> entries = file.entries();
      while (entries.hasMoreElements()) {
        JarEntry entry = entries.nextElement();
        if (!entry.getName().matches(".*\\.so(\\.[0-9]+)*")) {
          continue;
        }
        found = true;
        Path library = to.resolve("native").resolve(entry.getName());
        Files.createDirectories(library.getParent());
        try (InputStream in = file.getInputStream(entry)) {
          Files.copy(in, library);
        }
        cutSymbols(library);
        if (!Files.exists(to.resolve("lib"))) {
          Files.createSymbolicLink(to.resolve("lib"), to.relativize(library.getParent()));
        }
      }
    }
    return found;
  }

  /**
   * Cuts off what no program header names: symbol tables for debuggers and the section headers, a
   * quarter of the file. What the dynamic linker reads stays as it is.
   */
  private static void cutSymbols(Path library) throws IOException {
    try (FileChannel file =
        FileChannel.open(library, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer header = read(file, 0, ELF_HEADER);
      boolean is64BitLittleEndian =
          header.getInt(0) == 0x464c457f && header.get(4) == 2 && header.get(5) == 1;
      if (!is64BitLittleEndian) {
        return;
      }
      long table = header.getLong(32);
      int size = Short.toUnsignedInt(header.getShort(54));
      int count = Short.toUnsignedInt(header.getShort(56));
      long end = table + (long) size * count;
      for (int i = 0; i < count; i++) {
        ByteBuffer segment = read(file, table + (long) i * size, size);
        end = Math.max(end, segment.getLong(8) + segment.getLong(32));
      }
      header.putLong(40, 0); // where the section headers are, their number, and that of their names
      header.putShort(60, (short) 0);
      header.putShort(62, (short) 0);
      file.write(header.rewind(), 0);
      file.truncate(end);
    }
  }

  private static ByteBuffer read(FileChannel file, long position, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, position + buffer.position()) < 0) {
        throw new IOException("the library ends within its headers");
      }
    }
    return buffer.rewind();
  }
}
