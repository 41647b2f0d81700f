package dev.mlp.examples.titanic;

import dev.mlp.training.job.TrainingFailure;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A CSV file as RFC 4180 has it: a header, then rows of as many cells; quoted cells may hold
 * commas, doubled quotes and line breaks. Blank lines are skipped, cells are stripped of
 * surrounding white space.
 *
 * @param name the file's name, for messages
 */
record CsvFile(String name, List<String> header, List<Row> rows) {

  /**
   * @param line where the row begins in the file, from 1
   */
  record Row(int line, List<String> cells) {}

  CsvFile {
    header = List.copyOf(header);
    rows = List.copyOf(rows);
  }

  /**
   * @throws TrainingFailure if the file is empty, is no UTF-8, has two columns of one name, or has
   *     a row of another length
   */
  static CsvFile read(Path file) throws IOException {
    try {
      return parse(file.getFileName().toString(), Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new TrainingFailure(file.getFileName() + " is not text in UTF-8", e);
    }
  }

  static CsvFile parse(String name, String text) {
    List<Row> rows = new Parser(name, text).rows();
    if (rows.isEmpty()) {
      throw new TrainingFailure(name + " is empty: expected a header line and rows");
    }
    List<String> header = rows.getFirst().cells();
    requireDistinct(name, header);
    if (rows.size() == 1) {
      throw new TrainingFailure(name + " has a header but no rows");
    }
    for (Row row : rows) {
      if (row.cells().size() != header.size()) {
        throw new TrainingFailure(
            "%s, line %d: %d cells, but the header has %d"
                .formatted(name, row.line(), row.cells().size(), header.size()));
      }
    }
    return new CsvFile(name, header, rows.subList(1, rows.size()));
  }

  private static void requireDistinct(String name, List<String> header) {
    Set<String> seen = new HashSet<>();
    for (String column : header) {
      if (column.isEmpty()) {
        throw new TrainingFailure(name + ": column " + (seen.size() + 1) + " has no name");
      }
      if (!seen.add(column)) {
        throw new TrainingFailure(name + ": two columns are named '" + column + "'");
      }
    }
  }

  private static final class Parser {
    private final String name;
    private final String text;
    private int position;
    private int line = 1;

    Parser(String name, String text) {
      this.name = name;
      this.text = text;
      this.position = text.startsWith("\uFEFF") ? 1 : 0; // spreadsheets write a byte order mark
    }

    List<Row> rows() {
      List<Row> rows = new ArrayList<>();
      while (position < text.length()) {
        int start = line;
        List<String> cells = row();
        if (cells.size() > 1 || !cells.getFirst().isEmpty()) {
          rows.add(new Row(start, List.copyOf(cells)));
        }
      }
      return rows;
    }

    private List<String> row() {
      List<String> cells = new ArrayList<>();
      while (true) {
        cells.add(cell());
        if (position == text.length()) {
          return cells;
        }
        char separator = text.charAt(position++);
        if (separator == '\r' && position < text.length() && text.charAt(position) == '\n') {
          position++;
        }
        if (separator != ',') {
          line++;
          return cells;
        }
      }
    }

    /** Reads up to the separator that ends the cell, and leaves it there. */
    private String cell() {
      while (position < text.length() && text.charAt(position) == ' ') {
        position++;
      }
      if (position < text.length() && text.charAt(position) == '"') {
        return quoted();
      }
      int start = position;
      while (position < text.length() && !isSeparator(text.charAt(position))) {
        position++;
      }
      return text.substring(start, position).strip();
    }

    private String quoted() {
      int start = line;
      StringBuilder cell = new StringBuilder();
      position++;
      while (true) {
        if (position == text.length()) {
          throw new TrainingFailure(name + ", line " + start + ": a quoted cell does not end");
        }
        char c = text.charAt(position++);
        if (c == '"') {
          if (position == text.length() || text.charAt(position) != '"') {
            break;
          }
          position++;
        } else if (c == '\n') {
          line++;
        }
        cell.append(c);
      }
      while (position < text.length() && !isSeparator(text.charAt(position))) {
        if (!Character.isWhitespace(text.charAt(position++))) {
          throw new TrainingFailure(name + ", line " + line + ": text after a quoted cell");
        }
      }
      return cell.toString().strip();
    }

    private static boolean isSeparator(char c) {
      return c == ',' || c == '\n' || c == '\r';
    }
  }
}
