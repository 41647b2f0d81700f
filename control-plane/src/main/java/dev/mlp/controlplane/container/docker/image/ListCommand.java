package dev.mlp.controlplane.container.docker.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import dev.mlp.controlplane.container.docker.image.ImageInventory.Held;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mlp images list}. */
@Command(
    name = "list",
    description = "Lists the built-in images that the engine has.",
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  mlp images list",
      "  mlp images list --output json",
      "",
      "CURRENT: yes is what a job started now would run on; no is out of date, and"
          + " 'mlp images remove' removes it; missing is built when first needed."
    })
final class ListCommand implements Callable<Integer> {
  enum Format {
    table,
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "table (default) or json: one document on standard output.")
  private Format output = Format.table;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  private final ImagesMain.Engines engines;
  private final PrintStream out;

  ListCommand(ImagesMain.Engines engines, PrintStream out) {
    this.engines = engines;
    this.out = out;
  }

  @Override
  public Integer call() throws Exception {
    try (DockerClient client = engines.open()) {
      ImageInventory inventory = new ImageInventory(engines.builds(client));
      List<Held> held = inventory.held();
      List<String> missing = inventory.missing(held);
      if (output == Format.json) {
        out.println(
            new ObjectMapper()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(json(held, missing)));
      } else {
        rows(held, missing, Instant.now()).forEach(out::println);
      }
      return 0;
    }
  }

  static Map<String, Object> json(List<Held> held, List<String> missing) {
    List<Map<String, Object>> images = new ArrayList<>();
    for (Held image : held) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", image.name());
      one.put("tag", image.tag());
      one.put("id", image.id());
      one.put("sizeBytes", image.bytes());
      one.put("created", image.created().toString());
      one.put("base", image.base());
      one.put("current", image.isCurrent());
      images.add(one);
    }
    return Map.of("images", images, "missing", missing);
  }

  static List<String> rows(List<Held> held, List<String> missing, Instant now) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(List.of("NAME", "TAG", "SIZE", "AGE", "BASE", "CURRENT"));
    for (Held image : held) {
      cells.add(
          List.of(
              image.name(),
              image.tag().substring(image.tag().lastIndexOf(':') + 1),
              Sizes.bytes(image.bytes()),
              age(Duration.between(image.created(), now)),
              image.base().isEmpty() ? "-" : image.base(),
              image.isCurrent() ? "yes" : "no"));
    }
    missing.forEach(name -> cells.add(List.of(name, "-", "-", "-", "-", "missing")));
    int[] widths = new int[cells.getFirst().size()];
    for (List<String> row : cells) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return cells.stream().map(row -> row(row, widths)).toList();
  }

  private static String row(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(cells.get(i)).append(" ".repeat(widths[i] - cells.get(i).length() + 2));
    }
    return line.toString().stripTrailing();
  }

  private static String age(Duration age) {
    if (age.toDays() > 1) {
      return age.toDays() + " d";
    }
    if (age.toHours() > 1) {
      return age.toHours() + " h";
    }
    return age.toMinutes() > 1 ? age.toMinutes() + " min" : Math.max(0, age.toSeconds()) + " s";
  }
}
