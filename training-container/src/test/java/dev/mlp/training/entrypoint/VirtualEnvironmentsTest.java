package dev.mlp.training.entrypoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything is installed from a folder of wheels, so that no network is needed. */
class VirtualEnvironmentsTest {
  private static final String TRAIN =
      """
      import os, sys, probe
      print('prefix', sys.prefix, os.environ.get('VIRTUAL_ENV'), probe.WORD)
      """;

  @TempDir Path folder;
  private Path wheels;

  @BeforeEach
  void needsPythonWithVenv() throws Exception {
    Process python =
        new ProcessBuilder("python3", "-c", "import venv, ensurepip")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assumeTrue(python.waitFor() == 0, "python3 with venv and ensurepip is not on this machine");
    wheels = Files.createDirectories(folder.resolve("wheels"));
    wheel(wheels.resolve("probe-1.0-py3-none-any.whl"));
  }

  @Test
  void requirementsAreInstalledOnceAndUsedByLaterJobs() throws Exception {
    Instance first = instance("one", "probe==1.0\n");
    assertThat(first.run()).as(first.log()).isZero();
    assertThat(first.log())
        .contains("Installing requirements.txt into a new Python environment")
        .contains("Successfully installed probe-1.0");
    Path environment = onlyEnvironment();
    assertThat(first.log()).contains("prefix " + environment + " " + environment + " found\n");

    Instance second = instance("two", "probe==1.0\n");
    second.environment.put("PIP_FIND_LINKS", "/nowhere");
    assertThat(second.run()).as(second.log()).isZero();
    assertThat(second.log())
        .contains("Using the Python environment that was made for this requirements.txt")
        .contains("prefix " + environment);
    assertThat(onlyEnvironment()).isEqualTo(environment);
  }

  @Test
  void whatAKilledJobLeftHalfMadeIsMadeAnewAndWhoIsInstallingIsAwaited() throws Exception {
    Instance first =
        instance("one", "# nothing but a comment\n").program("train.py", "print('ran')\n");
    assertThat(first.run()).as(first.log()).isZero();
    Path environment = onlyEnvironment();
    Files.delete(environment.resolve(".complete"));
    Files.delete(environment.resolve("bin/python"));

    Instance second =
        instance("two", "# nothing but a comment\n").program("train.py", "print('ran')\n");
    Process process;
    Path lock = environment.resolveSibling(environment.getFileName() + ".lock");
    try (FileChannel installing = FileChannel.open(lock, StandardOpenOption.WRITE)) {
      installing.lock();
      process = second.start();
      second.awaitLog("Another job is installing the same requirements.txt; waiting for it\n");
      assertThat(second.log()).doesNotContain("ran\n");
    }
    assertThat(second.await(process)).as(second.log()).isZero();
    assertThat(second.log()).contains("Installing requirements.txt into a new").contains("ran\n");
    assertThat(environment.resolve("bin/python")).exists();
  }

  @Test
  void aStopWhileWaitingEndsTheJob() throws Exception {
    Instance instance = instance("one", "# x\n").program("train.py", "print('ran')\n");
    assertThat(instance.run()).as(instance.log()).isZero();
    Path environment = onlyEnvironment();
    Files.delete(environment.resolve(".complete"));
    Path lock = environment.resolveSibling(environment.getFileName() + ".lock");
    try (FileChannel installing = FileChannel.open(lock, StandardOpenOption.WRITE)) {
      installing.lock();
      Process process = instance.start();
      instance.awaitLog("waiting for it\n");
      process.destroy();
      assertThat(instance.await(process)).isEqualTo(143);
    }
    assertThat(instance.log()).contains("Stopped before the program was started");
  }

  @Test
  void pipByNameInstallsIntoTheEnvironment() throws Exception {
    Instance instance =
        instance("one", "# x\n")
            .program(
                "train.py",
                """
                import subprocess, sys
                subprocess.check_call(['pip', 'install', 'probe'])
                import probe
                print('from', probe.__file__)
                """);
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(instance.log()).contains("from " + onlyEnvironment());
  }

  @Test
  void requirementsThatNameFilesOfTheJobAreItsOwn() throws Exception {
    Instance instance = instance("one", "./probe-1.0-py3-none-any.whl\n");
    wheel(instance.paths.code().resolve("probe-1.0-py3-none-any.whl"));
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(instance.log())
        .contains("of this job's own")
        .contains("prefix " + instance.paths.base().resolve("venv"));
    assertThat(folder.resolve("cache")).doesNotExist();
  }

  @Test
  void aRequirementThatCannotBeMetFailsTheJobAndLeavesNothing() throws Exception {
    Instance instance = instance("one", "no-such-package-here==1\n");
    assertThat(instance.run()).isEqualTo(1);
    assertThat(instance.failure())
        .startsWith("InstallRequirementsError:\nExitCode 1\n")
        .endsWith("bin/python -m pip install -r requirements.txt\"");
    assertThat(instance.log()).contains("no-such-package-here");
    assertThat(environments()).isEmpty();
  }

  @Test
  void aProgramBesideASetupFileIsInstalledAndRunAsAModule() throws Exception {
    Instance instance = instance("one", "probe\n").program("train.py", TRAIN);
    Path code = instance.paths.code();
    Files.writeString(code.resolve("setup.py"), "");
    // Builds itself, with nothing to download.
    Files.writeString(
        code.resolve("pyproject.toml"),
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n");
    wheel(code.resolve("self-1.0-py3-none-any.whl"), "self");
    Files.writeString(
        code.resolve("backend.py"),
        """
        import shutil
        def build_wheel(folder, config_settings=None, metadata_directory=None):
            shutil.copy('self-1.0-py3-none-any.whl', folder)
            return 'self-1.0-py3-none-any.whl'
        """);
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(instance.log())
        .contains("Successfully installed")
        .contains("bin/python -m train\n")
        .contains("prefix " + instance.paths.base().resolve("venv"));
  }

  @Test
  void aShellScriptsRequirementsAreLeftToIt() throws Exception {
    Instance instance = instance("one", "no-such-package-here\n").program("train.sh", "echo ran\n");
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(folder.resolve("cache")).doesNotExist();
  }

  @Test
  void anImageWithoutPythonIsSaid() throws Exception {
    Instance instance = instance("one", "probe\n");
    instance.environment.put("PATH", folder.toString());
    assertThat(instance.run()).isEqualTo(1);
    assertThat(instance.failure()).startsWith("The program needs Python, and this image has none");
  }

  private Instance instance(String name, String requirements) throws IOException {
    Instance instance = new Instance(folder.resolve(name)).program("train.py", TRAIN);
    Files.writeString(instance.paths.code().resolve("requirements.txt"), requirements);
    instance.environment.put("PIP_NO_INDEX", "1");
    instance.environment.put("PIP_FIND_LINKS", wheels.toString());
    return instance;
  }

  private Path onlyEnvironment() throws IOException {
    List<Path> environments = environments();
    assertThat(environments).hasSize(1);
    return environments.getFirst();
  }

  private List<Path> environments() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("cache/python"))) {
      return files.filter(Files::isDirectory).toList();
    }
  }

  private static void wheel(Path file) throws IOException {
    wheel(file, "probe");
  }

  private static void wheel(Path file, String name) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      String info = name + "-1.0.dist-info/";
      entry(zip, name + ".py", "WORD = 'found'\n");
      entry(zip, info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: 1.0\n");
      entry(
          zip,
          info + "WHEEL",
          "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
      entry(
          zip,
          info + "RECORD",
          name + ".py,,\n" + info + "METADATA,,\n" + info + "WHEEL,,\n" + info + "RECORD,,\n");
    }
  }

  private static void entry(ZipOutputStream zip, String name, String content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content.getBytes(UTF_8));
  }
}
