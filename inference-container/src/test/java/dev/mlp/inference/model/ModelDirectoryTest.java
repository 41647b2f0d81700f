package dev.mlp.inference.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {
  @TempDir private Path root;

  private void put(String file) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "");
  }

  @Test
  void findsModelsWhereverTheyLie() throws IOException {
    put("1/saved_model.pb");
    put("export/Servo/0002/saved_model.pb");
    put("export/Servo/10/saved_model.pb");
    put("a/b/c/half_plus_two/00000123/saved_model.pb");
    put("code/inference.py");
    put("latest/saved_model.pb");
    put("saved_model.pb");
    assertThat(ModelDirectory.find(root))
        .extracting(directory -> directory.name() + "/" + directory.version())
        .containsExactly("Servo/2", "Servo/10", "half_plus_two/123", "model/1");
  }

  @Test
  void followsTheRootWhereItIsALink() throws IOException {
    put("real/1/saved_model.pb");
    Path link = Files.createSymbolicLink(root.resolve("link"), root.resolve("real"));
    assertThat(ModelDirectory.find(link)).extracting(ModelDirectory::name).containsExactly("model");
  }

  @Test
  void saysWhatItFoundWhereThereIsNoModel() throws IOException {
    put("titanic_model/saved_model.pb");
    put("weights.h5");
    assertThatThrownBy(() -> ModelDirectory.find(root))
        .isInstanceOf(NoModelException.class)
        .hasMessageStartingWith("no SavedModel bundles found!")
        .hasMessageContaining(root.toString())
        .hasMessageContaining("1/saved_model.pb")
        .hasMessageEndingWith("which holds titanic_model/saved_model.pb, weights.h5.");
  }

  @Test
  void saysSoWhereTheFolderIsEmptyOrMissing() {
    assertThatThrownBy(() -> ModelDirectory.find(root))
        .hasMessageEndingWith("which holds no files.");
    assertThatThrownBy(() -> ModelDirectory.find(root.resolve("gone")))
        .isInstanceOf(NoModelException.class)
        .hasMessage(
            "no SavedModel bundles found! The model folder "
                + root.resolve("gone")
                + " does not exist.");
  }

  @Test
  void refusesTwoModelsOfOneNameAndVersion() throws IOException {
    put("a/model/1/saved_model.pb");
    put("b/model/01/saved_model.pb");
    assertThatThrownBy(() -> ModelDirectory.find(root))
        .isInstanceOf(NoModelException.class)
        .hasMessageContaining("both version 1 of model model")
        .hasMessageContaining("a/model/1");
  }
}
