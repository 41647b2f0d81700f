package dev.mlp.controlplane.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.access.StoreScope.Area;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreScopeTest {
  private static final StoreScope SCOPE =
      new StoreScope(
          List.of(Area.prefix("data", "in/train"), Area.object("code", "a/source.tar.gz")),
          List.of(Area.prefix("models", "out/job/")));

  @ParameterizedTest
  @CsvSource({
    // bucket, key, read, write, list
    "data, in/train, true, false, true",
    "data, in/train/part, true, false, true",
    "data, in/train-1.csv, true, false, true",
    "data, in/trai, false, false, false",
    "data, in/, false, false, false",
    "data, '', false, false, false",
    "data, out/job/x, false, false, false",
    "code, a/source.tar.gz, true, false, false",
    "code, a/source.tar.gz.bak, false, false, false",
    "code, a/, false, false, false",
    "models, out/job/, true, true, true",
    "models, out/job/output/model.tar.gz, true, true, true",
    "models, out/job, false, false, false",
    "models, out/job-2/x, false, false, false",
    "other, in/train/part, false, false, false"
  })
  void coversWhatStartsWithItsPrefixes(
      String bucket, String key, boolean read, boolean write, boolean list) {
    assertThat(SCOPE.mayRead(bucket, key)).isEqualTo(read);
    assertThat(SCOPE.mayWrite(bucket, key)).isEqualTo(write);
    assertThat(SCOPE.mayList(bucket, key)).isEqualTo(list);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "out/job/../secret",
        "out/job/..",
        "out/job/a/../../../secret",
        "out/job/./x",
        "out/job/.",
        "out/job/x\0/y"
      })
  void doesNotFollowAKeyOutOfItsPrefix(String key) {
    assertThat(SCOPE.mayRead("models", key)).isFalse();
    assertThat(SCOPE.mayWrite("models", key)).isFalse();
    assertThat(SCOPE.mayList("models", key)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"out/job/..hidden", "out/job/a..b", "out/job/...", "out/job/.git/x"})
  void dotsWithinANameAreOfNoHarm(String key) {
    assertThat(SCOPE.mayWrite("models", key)).isTrue();
  }

  @Test
  void knowsItsBuckets() {
    assertThat(SCOPE.touches("data")).isTrue();
    assertThat(SCOPE.touches("code")).isTrue();
    assertThat(SCOPE.touches("models")).isTrue();
    assertThat(SCOPE.touches("other")).isFalse();
    assertThat(StoreScope.NOTHING.touches("data")).isFalse();
  }

  @Test
  void aWholeBucketIsAPrefixLikeAnyOther() {
    StoreScope scope = new StoreScope(List.of(Area.prefix("data", "")), List.of());
    assertThat(scope.mayRead("data", "anything")).isTrue();
    assertThat(scope.mayList("data", "")).isTrue();
    assertThat(scope.mayRead("data", "../other/x")).isFalse();
  }
}
