package dev.mlp.examples.titanic;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The people on board the Titanic as the British inquiry of 1912 counted them: by class, sex, age
 * group and survival. The table has a row per group with its count; {@link #main} writes one row
 * per person.
 */
public final class BritishInquiry {

  private static final String RESOURCE = "british-inquiry-1912.csv";

  private BritishInquiry() {}

  /**
   * @param args the CSV file to write
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("usage: BritishInquiry FILE.csv");
      System.exit(2);
    }
    Path file = Path.of(args[0]);
    Files.write(file, persons());
    System.out.println(file + ": " + (persons().size() - 1) + " people");
  }

  /** The table as it was counted. */
  static CsvFile table() throws IOException {
    try (InputStream in = BritishInquiry.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      return CsvFile.parse(RESOURCE, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** The lines of a CSV file with a header and one row per person. */
  static List<String> persons() throws IOException {
    CsvFile table = table();
    int count = table.header().indexOf("Count");
    List<String> lines = new ArrayList<>();
    lines.add(line(table.header(), count));
    for (CsvFile.Row row : table.rows()) {
      String line = line(row.cells(), count);
      for (int i = Integer.parseInt(row.cells().get(count)); i > 0; i--) {
        lines.add(line);
      }
    }
    return lines;
  }

  private static String line(List<String> cells, int without) {
    List<String> kept = new ArrayList<>(cells);
    kept.remove(without);
    return String.join(",", kept);
  }
}
