package dev.mlp.training.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asks the machine's own Python about thousands of texts and compares. */
class PythonAgreementTest {
  private static final String PROGRAM =
      """
      import json, sys
      for line in open(sys.argv[1], encoding='utf-8', newline='\\n'):
          text = json.loads(line)
          try:
              value = json.loads(text)
              told = [json.dumps(value, sort_keys=True, separators=(',', ':')), repr(value)]
          except ValueError:
              told = None
          print(json.dumps(told))
      """;

  private final Random random = new Random(1912);

  @TempDir Path folder;

  @Test
  void floatsArePrintedAlike() throws Exception {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        texts.add(Double.toString(value));
      }
      texts.add(Double.toString(random.nextInt(1_000_000) / Math.pow(10, random.nextInt(12))));
      texts.add(Double.toString(Double.MIN_VALUE * (1 + random.nextInt(2000))));
    }
    for (int exponent = -323; exponent <= 308; exponent++) {
      for (int digit = 1; digit <= 9; digit++) {
        texts.add(digit + "e" + exponent);
        texts.add(digit + ".5e" + exponent);
      }
    }
    compare(texts);
  }

  @Test
  void textsAreReadAndPrintedAlike() throws Exception {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      StringBuilder text = new StringBuilder();
      PythonText.appendJson(someText(), text);
      texts.add(text.toString());
      texts.add('"' + someText() + '"');
    }
    compare(texts);
  }

  @Test
  void whatIsNoJsonIsRefusedAlike() throws Exception {
    String[] tokens = {
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "\"a\"",
      "\"",
      "1",
      "-",
      "0",
      ".",
      "e",
      "E",
      "+",
      "NaN",
      "Infinity",
      "true",
      "null",
      " ",
      "\n",
      "\t",
      "\\u00",
      "\\n",
      "x",
      "\u00a0",
      "1.5",
      "{}",
      "[]"
    };
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 15000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(7); n >= 0; n--) {
        text.append(tokens[random.nextInt(tokens.length)]);
      }
      texts.add(text.toString());
    }
    compare(texts);
  }

  private String someText() {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(6); n > 0; n--) {
      // Characters that every Unicode version knows, so that both libraries have them.
      text.appendCodePoint(
          switch (random.nextInt(6)) {
            case 0 -> random.nextInt(0x20);
            case 1 -> 0x1f600 + random.nextInt(0x30);
            case 2 -> 0x2000 + random.nextInt(0x30);
            case 3 -> 0xa0 + random.nextInt(0x100);
            case 4 -> "'\"\\/".charAt(random.nextInt(4));
            default -> ' ' + random.nextInt(0x60);
          });
    }
    return text.toString();
  }

  private void compare(List<String> texts) throws Exception {
    assumeTrue(isPythonThere(), "python3 is not on the PATH");
    StringBuilder input = new StringBuilder();
    for (String text : texts) {
      PythonText.appendJson(text, input);
      input.append('\n');
    }
    Path file = folder.resolve("texts");
    Files.writeString(file, input);
    Process python =
        new ProcessBuilder("python3", "-c", PROGRAM, file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> told = new String(python.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertThat(python.waitFor()).isZero();
    assertThat(told).hasSameSizeAs(texts);
    for (int i = 0; i < told.size(); i++) {
      assertThat(ours(texts.get(i))).as(texts.get(i)).isEqualTo(PythonJson.parse(told.get(i)));
    }
  }

  private static PythonValue ours(String text) {
    try {
      PythonValue value = PythonJson.parse(text);
      return new PythonValue.Items(
          List.of(new PythonValue.Text(value.json()), new PythonValue.Text(value.repr())));
    } catch (NotJsonException e) {
      return PythonValue.None.NONE;
    }
  }

  private static boolean isPythonThere() {
    for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(folder, "python3"))) {
        return true;
      }
    }
    return false;
  }
}
