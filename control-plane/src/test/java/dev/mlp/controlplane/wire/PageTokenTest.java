package dev.mlp.controlplane.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTokenTest {
  @Property(tries = 200)
  void everyPositionComesBack(@ForAll @Size(max = 4) List<String> position) {
    // Lone surrogates are no text: UTF-8 cannot carry them, and no name has them.
    List<String> text = position.stream().map(s -> s.replaceAll("[\\ud800-\\udfff]", "x")).toList();
    String token = new PageToken(text).encode();
    assertThat(token).matches("[A-Za-z0-9_-]+");
    assertThat(PageToken.decode(token).position()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "not base64 !", "bm90IG91cnM", "AAAAAFtd"})
  void aTokenThatIsNotOursIsRefused(String token) {
    assertThatThrownBy(() -> PageToken.decode(token))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALIDATION));
  }

  @Property(tries = 100)
  void aTokenWithOneLetterChangedIsRefused(@ForAll int where) {
    String token = new PageToken(List.of("2026-01-31T12:00:00Z", "job")).encode();
    // The last letter holds unused bits, which any decoder may ignore.
    int at = Math.floorMod(where, token.length() - 1);
    char other = token.charAt(at) == 'A' ? 'B' : 'A';
    String changed = token.substring(0, at) + other + token.substring(at + 1);
    assertThatThrownBy(() -> PageToken.decode(changed)).isInstanceOf(ApiException.class);
  }
}
