package dev.mlp.cli;

import dev.mlp.sdk.InvalidRequestException;
import dev.mlp.sdk.Prediction;
import dev.mlp.sdk.Predictor;
import dev.mlp.sdk.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** {@code mlp predict}. */
@CommandLine.Command(
    name = "predict",
    sortOptions = false,
    description = "Asks an endpoint and prints its answer as it is.",
    footer = {
      "",
      "Examples:",
      "  mlp predict --endpoint half --json '{\"instances\": [1, 2, 5]}'",
      "  mlp predict --endpoint titanic --file passengers.jsonl",
      "  produce | mlp predict --endpoint titanic --file - --content-type text/csv"
    })
final class PredictCommand extends Command {
  @Option(
      names = "--endpoint",
      required = true,
      paramLabel = "NAME",
      description = "The endpoint's name.")
  String endpoint = "";

  @ArgGroup(multiplicity = "1")
  Input input = new Input();

  @Option(
      names = "--content-type",
      paramLabel = "TYPE",
      description = "Of the file; by default by its ending: .json, .jsonl or .csv.")
  @Nullable String contentType;

  @Option(names = "--accept", paramLabel = "TYPE", description = "The type of answer to ask for.")
  @Nullable String accept;

  /** What is asked. */
  static final class Input {
    @Option(
        names = "--json",
        required = true,
        paramLabel = "JSON",
        description = "The request itself.")
    @Nullable String json;

    @Option(
        names = "--file",
        required = true,
        paramLabel = "FILE",
        description = "A file with the request; - is standard input.")
    @Nullable String file;
  }

  PredictCommand(Context context) {
    super(context);
  }

  @Override
  int run() {
    byte[] body = body();
    String type = contentType == null ? guessedType() : contentType;
    Prediction answer;
    try (Session session = connect()) {
      answer = new Predictor(session, endpoint).predict(body, type, accept);
    }
    if (json()) {
      printJson(document(answer));
    } else {
      context.out().println(answer.text().stripTrailing());
    }
    return 0;
  }

  private byte[] body() {
    if (input.json != null) {
      // Read here only to say early what is wrong with it; it is sent as it was written.
      try {
        Tree.json(input.json, "--json");
      } catch (CommandFailure e) {
        throw new InvalidRequestException(String.valueOf(e.getMessage()));
      }
      return input.json.getBytes(StandardCharsets.UTF_8);
    }
    String file = String.valueOf(input.file);
    try {
      return file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
    } catch (NoSuchFileException e) {
      throw new InvalidRequestException("there is no file " + file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private String guessedType() {
    String name = input.file == null ? ".json" : input.file.toLowerCase(Locale.ROOT);
    if (name.endsWith(".json") || name.equals("-")) {
      return Predictor.JSON;
    }
    if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
      return "application/jsonlines";
    }
    if (name.endsWith(".csv")) {
      return "text/csv";
    }
    throw new InvalidRequestException(
        "say what " + name + " is with --content-type, as in text/csv");
  }

  /** The answer itself where it is JSON; else it stands in a document as text. */
  private static @Nullable Object document(Prediction answer) {
    if (answer.contentType().startsWith(Predictor.JSON)) {
      return Tree.json(answer.text(), "the answer");
    }
    Map<String, String> document = new LinkedHashMap<>();
    document.put("contentType", answer.contentType());
    document.put("body", answer.text());
    return document;
  }
}
