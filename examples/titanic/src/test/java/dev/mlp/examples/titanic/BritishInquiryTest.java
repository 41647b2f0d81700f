package dev.mlp.examples.titanic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BritishInquiryTest {

  @Test
  void addsUpToTheTotalsOfTheReport() throws Exception {
    Map<String, Integer> ofClass = new HashMap<>();
    Set<List<String>> groups = new HashSet<>();
    int survivors = 0;
    for (CsvFile.Row row : BritishInquiry.table().rows()) {
      int count = Integer.parseInt(row.cells().get(4));
      ofClass.merge(row.cells().getFirst(), count, Integer::sum);
      survivors += row.cells().get(3).equals("1") ? count : 0;
      if (count > 0) {
        groups.add(row.cells().subList(0, 3));
      }
    }

    assertThat(ofClass).isEqualTo(Map.of("1st", 325, "2nd", 285, "3rd", 706, "Crew", 885));
    assertThat(survivors).isEqualTo(711);
    assertThat(groups).hasSize(14);
  }

  @Test
  void isTheSamePeopleByCountAndOneByOne(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("persons.csv");
    BritishInquiry.main(new String[] {file.toString()});

    assertThat(Files.readAllLines(file)).hasSize(2202).startsWith("Class,Sex,Age,Survived");
    Table persons = Table.of(CsvFile.read(file), "Survived", Optional.empty());
    Table counted = Table.of(BritishInquiry.table(), "Survived", Optional.of("Count"));
    assertThat(persons.labels()).isEqualTo(counted.labels());
    assertThat(persons.columns()).isEqualTo(counted.columns());
  }
}
