package dev.mlp.training.entrypoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir Path folder;
  private Instance instance;

  @BeforeEach
  void createInstance() throws Exception {
    instance = new Instance(folder.resolve("one"));
  }

  @Test
  void runsAScriptInTheCodeFolderAndReportsSuccess() throws Exception {
    instance.program(
        "train.sh",
        """
        #!/bin/sh
        pwd
        echo "model goes to $SM_MODEL_DIR for $SAGEMAKER_JOB_NAME$TRAINING_JOB_NAME"
        touch "$SM_MODEL_DIR/weights" "$SM_OUTPUT_DATA_DIR/curve"
        """);
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(instance.log().lines())
        .contains(
            "Invoking script with the following command: /bin/sh -c ./train.sh ",
            instance.paths.code().toString(),
            "model goes to " + instance.paths.model() + " for job-1");
    assertThat(instance.paths.model().resolve("weights")).exists();
    assertThat(instance.paths.outputData().resolve("curve")).exists();
    assertThat(instance.paths.success()).isEmptyFile();
    assertThat(instance.paths.failure()).doesNotExist();
  }

  @Test
  void anExitCodeBecomesTheToolkitsFailureAndOurExitCodeIsOne() throws Exception {
    instance.program("train.sh", "echo broken >&2\nexit 3\n");
    instance.hyperparameters.put("epochs", "3");
    assertThat(instance.run()).isEqualTo(1);
    String expected =
        "ExecuteUserScriptError:\nExitCode 3\nErrorMessage \"\"\n"
            + "Command \"/bin/sh -c ./train.sh --epochs 3\"";
    assertThat(instance.failure()).isEqualTo(expected);
    assertThat(instance.log()).contains("broken\n", "Reporting training FAILURE", expected);
    assertThat(instance.isSuccess()).isFalse();
  }

  @Test
  void theProgramsOwnFailureFileStays() throws Exception {
    instance.program(
        "train.sh",
        "#!/bin/sh\necho 'no data in channel train' > \"$SM_OUTPUT_DIR/failure\"\nexit 1\n");
    assertThat(instance.run()).isEqualTo(1);
    assertThat(instance.failure()).isEqualTo("no data in channel train\n");
  }

  @Test
  void hyperparametersArriveUnchangedWhateverTheyHold() throws Exception {
    instance.program(
        "show.py",
        """
        import os, sys
        for word in sys.argv[1:]: print('argument', ascii(word))
        for name in sorted(n for n in os.environ if n.startswith('SM_HP_')):
            print(name, ascii(os.environ[name]))
        """);
    instance.hyperparameters.put("space", "two  words");
    instance.hyperparameters.put("quotes", "\"it's \\\"x\\\" `id` $HOME\"");
    instance.hyperparameters.put("unicode", "h\u00e9 \u4e16 \ud83d\ude00");
    instance.hyperparameters.put("newline", "\"a\\nb\"");
    instance.hyperparameters.put("batch-size", "64");
    instance.hyperparameters.put("tiny", "1e-07");
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(instance.log().lines())
        .containsSubsequence(
            "argument '--batch-size'",
            "argument '64'",
            "argument '--newline'",
            "argument 'a\\nb'",
            "argument '--quotes'",
            "argument 'it\\'s \"x\" `id` $HOME'",
            "argument '--space'",
            "argument 'two  words'",
            "argument '--tiny'",
            "argument '1e-07'",
            "argument '--unicode'",
            "argument 'h\\xe9 \\u4e16 \\U0001f600'",
            "SM_HP_BATCH-SIZE '64'",
            "SM_HP_NEWLINE 'a\\nb'",
            "SM_HP_QUOTES 'it\\'s \"x\" `id` $HOME'",
            "SM_HP_SPACE 'two  words'",
            "SM_HP_TINY '1e-07'",
            "SM_HP_UNICODE 'h\\xe9 \\u4e16 \\U0001f600'");
  }

  @Test
  void theDeepestHyperparameterThatTheApiAdmitsArrives() throws Exception {
    instance.program("train.sh", "#!/bin/sh\nprintenv SM_HP_X\n");
    String deep = "[".repeat(1250) + "]".repeat(1250);
    instance.hyperparameters.put("x", deep);
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(instance.log()).contains("\n" + deep + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"LC_ALL", "LANG", "NONE"})
  void anAsciiLocaleLosesNoCharacter(String variable) throws Exception {
    instance = new Instance(folder.resolve("inst\u00e4nce"));
    instance.environment.remove("LANG");
    instance.environment.put(variable, "C");
    instance.program("train.sh", "#!/bin/sh\nprintf '%s %s %s\\n' \"$@\" \"$SM_MODEL_DIR\"\n");
    instance.hyperparameters.put("name", "h\u00e9 \u4e16");
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(instance.log())
        .contains("--name h\u00e9 \u4e16 " + instance.paths.base() + "/model\n");
    assertThat(instance.isSuccess()).isTrue();
  }

  @Test
  void aShellScriptSeesVariablesWithDashes() throws Exception {
    // Read by env, not by the shell: dash itself has no such names.
    instance.program(
        "train.sh", "#!/usr/bin/env python3\nimport os; print(os.environ['SM_CHANNEL_TEST-SET'])");
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(instance.log()).contains(instance.paths.channel("test-set") + "\n");
  }

  @Test
  void aScriptWithoutAFirstLineIsRunByTheShell() throws Exception {
    instance.program("train", "echo shell $0 $1 $2\n");
    instance.hyperparameters.put("x", "y");
    assertThat(instance.run()).as(instance.log()).isZero();
    assertThat(instance.log()).contains("shell ./train -x y\n");
  }

  @Test
  void anInterpreterThatIsNotThereIsSaid() throws Exception {
    instance.program("train.sh", "#!/no/such/shell\n");
    assertThat(instance.run()).isEqualTo(1);
    assertThat(instance.failure())
        .startsWith("ExecuteUserScriptError:\nExitCode 126\nErrorMessage \"")
        .contains("No such file or directory");
  }

  @Test
  void aStopReachesTheProgramWhichEndsInItsOwnTime() throws Exception {
    instance.program(
        "train.sh",
        """
        #!/bin/bash
        trap 'echo saving; echo saved > "$SM_MODEL_DIR/checkpoint"; exit 0' TERM
        echo ready
        while :; do sleep 0.05; done
        """);
    Process process = instance.start();
    instance.awaitLog("ready\n");
    process.destroy();
    assertThat(instance.await(process)).as(instance.log()).isZero();
    assertThat(instance.paths.model().resolve("checkpoint")).hasContent("saved");
    assertThat(instance.log()).contains("saving\n", "Reporting training SUCCESS");
    assertThat(instance.isSuccess()).isTrue();
  }

  @Test
  void aProgramThatDiesOfTheStopLeavesAFailureAndNoProcess() throws Exception {
    instance.program("train.py", "import time\nprint('ready')\ntime.sleep(600)\n");
    Process process = instance.start();
    instance.awaitLog("ready\n");
    List<ProcessHandle> children = process.descendants().toList();
    assertThat(children).isNotEmpty();
    process.destroy();
    assertThat(instance.await(process)).isEqualTo(1);
    assertThat(instance.failure()).startsWith("ExecuteUserScriptError:\nExitCode 143\n");
    assertThat(children).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void pythonsOutputIsInTheLogWhileItRuns() throws Exception {
    instance.program(
        "train.py",
        """
        import sys, time
        print('first line')
        time.sleep(600)
        """);
    Process process = instance.start();
    instance.awaitLog("first line\n");
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    assertThat(instance.await(process)).isEqualTo(1);
    assertThat(instance.failure())
        .contains(
            "ExitCode 137", "ExtraInfo \"OutOfMemory: Process killed by SIGKILL (signal 9)\"");
  }

  @Test
  void aPythonProgramImportsItsNeighboursAndAFailureIsShownWithItsTrace() throws Exception {
    Files.createDirectories(instance.paths.code().resolve("src"));
    Files.writeString(instance.paths.code().resolve("neighbour.py"), "word = 'imported'\n");
    instance.program(
        "src/train.py", "import neighbour\nprint(neighbour.word)\nraise ValueError('no')\n");
    assertThat(instance.run()).isEqualTo(1);
    assertThat(instance.log()).contains("imported\n", "ValueError: no\n");
    assertThat(instance.failure()).contains("ExitCode 1\n", "src/train.py\"");
  }

  @Test
  void aJobWithoutAProgramIsToldWhatIsMissing() throws Exception {
    instance.program("train.sh", "echo hi\n").hyperparameters.clear();
    assertThat(instance.run()).isEqualTo(1);
    assertThat(instance.failure()).contains("sagemaker_program").contains("ContainerEntrypoint");
  }

  @Test
  void aProgramThatIsNotInTheCodeIsNamedWithWhatIsThere() throws Exception {
    instance.program("train.sh", "echo hi\n").hyperparameters.put("sagemaker_program", "trian.sh");
    assertThat(instance.run()).isEqualTo(1);
    assertThat(instance.failure()).contains("trian.sh").endsWith("which holds: train.sh");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../evil.sh", "/bin/true", "-c", "link.sh"})
  void aProgramOutsideTheCodeIsRefused(String program) throws Exception {
    Files.createSymbolicLink(instance.paths.code().resolve("link.sh"), Path.of("/bin/true"));
    Files.writeString(folder.resolve("one/evil.sh"), "echo evil\n");
    instance.hyperparameters.put("sagemaker_program", program);
    assertThat(instance.run()).isEqualTo(1);
    assertThat(instance.failure()).contains("must be a path inside the code folder");
  }

  @Test
  void codeThatWasNotStagedIsSaidWithItsAddress() throws Exception {
    instance.hyperparameters.put("sagemaker_program", "\"train.py\"");
    instance.hyperparameters.put("sagemaker_submit_directory", "\"s3://bucket/code.tar.gz\"");
    assertThat(instance.run()).isEqualTo(1);
    assertThat(instance.failure())
        .contains(instance.paths.code() + " is empty", "s3://bucket/code.tar.gz");
  }

  @Test
  void aMissingConfigFileIsAFrameworkError() throws Exception {
    instance.program("train.sh", "echo hi\n").writeConfig();
    Files.delete(instance.paths.inputDataConfigFile());
    assertThat(instance.await(instance.startAsItIs("train"))).isEqualTo(2);
    assertThat(instance.failure())
        .startsWith("Framework Error: \njava.nio.file.NoSuchFileException: ")
        .contains("inputdataconfig.json");
  }

  @Test
  void aHyperparameterThatNoVariableCanHoldIsNamed() throws Exception {
    instance.program("train.sh", "echo hi\n").hyperparameters.put("nul", "\"a\\u0000b\"");
    assertThat(instance.run()).isEqualTo(1);
    assertThat(instance.failure()).contains("SM_HP_NUL", "NUL");
  }

  @Test
  void anotherArgumentThanTrainIsRefused() throws Exception {
    assertThat(instance.await(instance.startAsItIs("serve"))).isEqualTo(2);
    assertThat(instance.log()).startsWith("usage: ");
  }
}
