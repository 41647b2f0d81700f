package dev.mlp.controlplane.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.artifact.StagingException.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ManifestTest {
  private static final S3Address SOURCE = S3Address.parse("s3://bucket/data.manifest");
  private final FakeArtifactStore store = new FakeArtifactStore();

  @Test
  void namesAreAppendedToThePrefix() throws Exception {
    store.put(
        SOURCE.toString(),
        "[ {\"prefix\": \"s3://other/some/part-\"},\n \"1.csv\", \"a//b.csv\", \"1.csv\" ]\n");
    assertThat(Manifest.read(store, SOURCE).entries())
        .containsExactly(
            new Manifest.Entry("1.csv", S3Address.parse("s3://other/some/part-1.csv")),
            new Manifest.Entry("a/b.csv", S3Address.parse("s3://other/some/part-a//b.csv")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~                                              | is empty",
        "{                                               | is not JSON: Unexpected end-of-input",
        "[{\"prefix\":\"s3://b/\"},\"a\"] x              | is not JSON",
        "{\"prefix\":\"s3://b/\"}                        | does not begin with",
        "[\"a\"]                                         | does not begin with",
        "[{\"prefix\":1},\"a\"]                          | does not begin with",
        "[{\"prefix\":\"s3://b/\",\"x\":1},\"a\"]        | does not begin with",
        "[{\"prefix\":\"https://b/\"},\"a\"]             | has the prefix 'https://b/'",
        "[{\"prefix\":\"\"},\"a\"]                       | has the prefix ''",
        "[{\"prefix\":\"s3://b/\"}]                      | names no objects",
        "[{\"prefix\":\"s3://b/\"},\"a\",7]              | has 7 as element 2",
        "[{\"prefix\":\"s3://b/\"},\"\"]                 | has \"\" as element 1",
      })
  void whatIsNoManifestIsRefusedByName(String text, String words) {
    store.put(SOURCE.toString(), text);
    assertProblem(Problem.BAD_MANIFEST, words);
  }

  @ParameterizedTest
  @CsvSource({"../a", "a/../../b", "./a", "a/.."})
  void aNameThatEscapesIsRefusedWithTheManifest(String name) {
    store.put(SOURCE.toString(), "[{\"prefix\":\"s3://b/x/\"},\"%s\"]".formatted(name));
    assertProblem(Problem.UNUSABLE_KEY, "has the name \"" + name + "\", which cannot be a file");
  }

  @Test
  void aMissingManifestIsNamed() {
    assertProblem(Problem.NO_OBJECTS, "No S3 object found");
  }

  private void assertProblem(Problem problem, String words) {
    assertThatThrownBy(() -> Manifest.read(store, SOURCE))
        .isInstanceOfSatisfying(
            StagingException.class, e -> assertThat(e.problem()).isEqualTo(problem))
        .hasMessageContaining(SOURCE.toString())
        .hasMessageContaining(words);
  }
}
