package dev.mlp.cli;

import dev.mlp.sdk.InvalidRequestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sagemaker.model.CreateTrainingJobRequest;

/**
 * A CreateTrainingJob request as a user wrote it.
 *
 * @param folder where the file is: its paths are relative to it
 * @param baseName the start of the job's name, if the file names none
 */
record TrainingFile(CreateTrainingJobRequest request, Path folder, String baseName) {

  /**
   * Reads YAML, or JSON by the file's ending or first character.
   *
   * @throws InvalidRequestException with every field that is unknown or of the wrong kind
   */
  static TrainingFile read(String file) {
    boolean standardInput = file.equals("-");
    String source = standardInput ? "standard input" : file;
    String text = text(file, standardInput);
    boolean json = file.endsWith(".json") || text.stripLeading().startsWith("{");
    Object tree;
    try {
      tree = json ? Tree.jsonAsText(text, source) : Tree.yamlAsText(text, source);
    } catch (CommandFailure e) {
      throw new InvalidRequestException(String.valueOf(e.getMessage()));
    }
    if (!(tree instanceof Map<?, ?> map)) {
      throw new InvalidRequestException(
          source + " is not a CreateTrainingJob request: fields and their values");
    }
    CreateTrainingJobRequest.Builder request = CreateTrainingJobRequest.builder();
    List<String> problems = Wire.fill(request, map);
    if (!problems.isEmpty()) {
      throw new InvalidRequestException(problems.stream().map(p -> source + ": " + p).toList());
    }
    Path path = Path.of(standardInput ? "job" : file).toAbsolutePath();
    Path parent = path.getParent();
    return new TrainingFile(
        request.build(),
        parent == null ? path : parent,
        baseName(String.valueOf(path.getFileName())));
  }

  private static String text(String file, boolean standardInput) {
    try {
      return standardInput
          ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(Path.of(file));
    } catch (NoSuchFileException e) {
      throw new InvalidRequestException("there is no file " + file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static String baseName(String fileName) {
    int dot = fileName.lastIndexOf('.');
    return dot > 0 ? fileName.substring(0, dot) : fileName;
  }
}
