package dev.mlp.controlplane.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FailureTextTest {
  @Test
  void filesAndBucketsAreNamedWithTheSystemsReason() {
    assertThat(FailureText.of(new NoSuchFileException("s3://b/k", null, "no such bucket")))
        .isEqualTo("s3://b/k: no such bucket");
    assertThat(FailureText.of(new FileSystemException("/a", null, "No space left on device")))
        .isEqualTo("/a: No space left on device");
  }

  @Test
  void aBarePathGetsAReason() {
    assertThat(FailureText.of(new NoSuchFileException("/a"))).isEqualTo("/a: it does not exist");
    assertThat(FailureText.of(new AccessDeniedException("/a"))).isEqualTo("/a: access denied");
    assertThat(FailureText.of(new UnknownHostException("store"))).isEqualTo("store: unknown host");
  }

  @Test
  void aFailureWithoutWordsIsToldByItsCauseOrByNoClass() {
    assertThat(FailureText.of(new IOException(null, new IOException("reset by peer"))))
        .isEqualTo("reset by peer");
    assertThat(FailureText.of(new UncheckedIOException(null, new IOException())))
        .isEqualTo("it failed for a reason that only the server's log tells");
  }
}
