package dev.mlp.controlplane.container.docker.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineSystemTest {
  private static final String STATUS =
      """
      Package: dpkg
      Status: install ok installed
      Architecture: amd64
      Essential: yes
      Version: 1

      Package: bash
      Status: install ok installed
      Architecture: amd64
      Essential: yes
      Version: 5.2
      Depends: base (>= 2) | other, shell-library
      Description: a shell
       with a long: text

      Package: python3
      Status: install ok installed
      Architecture: amd64
      Version: 3.11
      Pre-Depends: libpy:any, gone

      Package: real-library
      Status: install ok installed
      Architecture: all
      Version: 7
      Provides: shell-library (= 7), more

      Package: libpy
      Status: install ok installed
      Architecture: amd64
      Multi-Arch: same
      Version: 9

      Package: gone
      Status: deinstall ok config-files
      Architecture: amd64
      Version: 1

      Package: unrelated
      Status: install ok installed
      Architecture: amd64
      Version: 1
      """;

  @TempDir Path folder;
  private Path root;
  private Path java;

  @BeforeEach
  void system() throws IOException {
    root = folder.resolve("root");
    java = folder.resolve("jdk");
    write("var/lib/dpkg/status", STATUS);
    list("dpkg", "/.", "/usr/bin/dpkg");
    list("bash", "/.", "/bin", "/bin/bash", "/usr/share/doc/bash/README", "/etc/secret");
    list("python3", "/usr/lib/python3/a.py", "/usr/lib/python3/link.py", "/usr/gone");
    list("real-library", "/usr/lib/library.so");
    list("libpy:amd64", "/usr/lib/libpy.so");
    list("unrelated", "/usr/bin/unrelated");
    write("usr/bin/dpkg", "dpkg");
    write("usr/bin/bash", "bash");
    write("usr/bin/unrelated", "unrelated");
    write("usr/share/doc/bash/README", "long");
    write("usr/lib/python3/a.py", "python");
    write("usr/lib/python3/__pycache__/a.cpython-311.pyc", "compiled");
    write("usr/lib/python3/__pycache__/a.cpython-311.opt-1.pyc", "compiled otherwise");
    write("usr/lib/library.so", "library");
    write("usr/lib/libpy.so", "libpy");
    write("etc/secret", "secret");
    write("etc/ssl/certs/ca-certificates.crt", "certificates");
    Files.createSymbolicLink(root.resolve("bin"), Path.of("usr/bin"));
    Files.createSymbolicLink(root.resolve("usr/lib/python3/link.py"), Path.of("a.py"));
    Files.setPosixFilePermissions(
        root.resolve("etc/secret"), PosixFilePermissions.fromString("rw-r-----"));
    Files.setPosixFilePermissions(
        root.resolve("usr/bin/bash"), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(java.resolve("bin"));
    Files.createDirectories(java.resolve("lib/security"));
    Files.writeString(java.resolve("release"), "JAVA_VERSION=\"25\"\n");
    Files.writeString(java.resolve("bin/java"), "java");
    Files.writeString(java.resolve("lib/src.zip"), "sources");
    Files.writeString(folder.resolve("cacerts"), "outside");
    Files.createSymbolicLink(java.resolve("lib/security/cacerts"), folder.resolve("cacerts"));
  }

  @Test
  void takesTheEssentialPackagesThoseNamedAndWhatTheyNeed() throws IOException {
    DebianPackages packages = DebianPackages.read(root);
    assertThat(packages.closure(Set.of("python3", "unheard-of"), Set.of("dpkg")).keySet())
        .containsExactly("bash", "libpy", "python3", "real-library");
    assertThat(packages.has("gone")).isFalse();
  }

  @Test
  void anArchiveHoldsThePackagesFilesAndJava() throws IOException {
    Map<String, String> entries = archive();
    assertThat(entries)
        .containsEntry("Dockerfile", "FROM scratch\n")
        .containsEntry("root/bin", "-> usr/bin")
        .containsEntry("root/usr/bin/bash", "bash")
        .containsEntry("root/usr/lib/library.so", "library")
        .containsEntry("root/usr/lib/libpy.so", "libpy")
        .containsEntry("root/usr/lib/python3/a.py", "python")
        .containsEntry("root/usr/lib/python3/link.py", "-> a.py")
        .containsEntry("root/usr/lib/python3/__pycache__/a.cpython-311.pyc", "compiled")
        .containsEntry("root/etc/ssl/certs/ca-certificates.crt", "certificates")
        .containsEntry("root/opt/java/openjdk/bin/java", "java")
        .containsEntry("root/opt/java/openjdk/lib/security/cacerts", "outside")
        .containsEntry("root/usr/local/bin/java", "-> /opt/java/openjdk/bin/java")
        .containsKeys("root/tmp/", "root/proc/", "root/etc/passwd");
  }

  @Test
  void leavesOutSecretsManualsSourcesAndOtherPackages() throws IOException {
    assertThat(archive().keySet())
        .noneMatch(name -> name.matches(".*(secret|README|src\\.zip|unrelated|dpkg|opt-1|gone).*"));
  }

  @Test
  void itsIdentityChangesWithAPackageAndWithJava() throws IOException {
    String before = identity();
    assertThat(identity()).isEqualTo(before);
    Files.writeString(java.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    String afterJava = identity();
    assertThat(afterJava).isNotEqualTo(before);
    write("var/lib/dpkg/status", STATUS.replace("Version: 5.2", "Version: 5.3"));
    assertThat(identity()).isNotEqualTo(afterJava);
  }

  @Test
  void anotherKindOfSystemIsRefusedWithWhatToDo() {
    assertThatThrownBy(() -> MachineSystem.of(java, java))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--base IMAGE");
  }

  private String identity() throws IOException {
    return MachineSystem.of(root, java).identity();
  }

  private Map<String, String> archive() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MachineSystem.of(root, java).write("FROM scratch\n", out);
    Map<String, String> entries = new LinkedHashMap<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new ByteArrayInputStream(out.toByteArray()))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String content =
            entry.isSymbolicLink()
                ? "-> " + entry.getLinkName()
                : new String(tar.readAllBytes(), UTF_8);
        assertThat(entries.put(entry.getName(), content)).as(entry.getName()).isNull();
        assertThat(entry.getMode() & 06000).isZero();
        assertThat(entry.getLongUserId()).isZero();
      }
    }
    return entries;
  }

  private void list(String name, String... files) throws IOException {
    write("var/lib/dpkg/info/" + name + ".list", String.join("\n", files) + "\n");
  }

  private void write(String path, String content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }
}
