package dev.mlp.controlplane.container.docker.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.exception.DockerException;
import java.io.IOException;

/** An error in one line, with what to do about it. */
final class EngineTrouble {
  private EngineTrouble() {}

  /** The engine's own words, without the frame that the client puts around them. */
  static String said(DockerException failure) {
    String text = String.valueOf(failure.getMessage()).replaceFirst("^Status \\d+: ", "").strip();
    try {
      String words =
          new ObjectMapper().readTree(text.substring(text.indexOf('{'))).path("message").asText();
      return words.isEmpty() ? text : words;
    } catch (IOException | IndexOutOfBoundsException e) {
      return text;
    }
  }

  static String line(Throwable failure) {
    String message = failure instanceof DockerException e ? said(e) : failure.getMessage();
    String text =
        message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    String line = String.join(" | ", text.lines().map(String::strip).toList());
    // The engine has no code for it; these are the words of the system call that failed.
    return line.contains("no space left on device")
        ? "the engine's disk is full ("
            + line
            + "); 'mlp images remove' removes what is out of date, 'docker system df' shows the rest"
        : line;
  }
}
