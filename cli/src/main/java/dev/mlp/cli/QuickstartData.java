package dev.mlp.cli;

import dev.mlp.sdk.InvalidRequestException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The passengers to train on and to ask for.
 *
 * @param hyperParameters what the training program must know about the file
 * @param passengers to ask for, each with a name for people
 */
record QuickstartData(
    Path file, Path program, Map<String, String> hyperParameters, List<Passenger> passengers) {

  /**
   * Somebody to ask for.
   *
   * @param who for people
   * @param features for the model, by column
   */
  record Passenger(String who, Map<String, Object> features) {}

  static QuickstartData choose(@Nullable Path named, Path home) {
    Path program = home.resolve("examples/titanic/target/mlp-example-titanic.jar");
    if (!Files.isRegularFile(program)) {
      throw new CommandFailure("the example is not built: there is no " + program);
    }
    Path file =
        named == null
            ? home.resolve("examples/titanic/data/british-inquiry-1912.csv")
            : named.toAbsolutePath();
    List<String> columns = columns(file);
    if (columns.containsAll(List.of("class", "sex", "age", "survived", "count"))) {
      return new QuickstartData(
          file, program, Map.of("weight", original(file, "count")), inquiry(file));
    }
    if (columns.containsAll(
        List.of("pclass", "sex", "age", "sibsp", "parch", "fare", "embarked", "survived"))) {
      return new QuickstartData(file, program, Map.of(), tutorial(file));
    }
    throw new InvalidRequestException(
        file
            + " has the columns "
            + String.join(", ", header(file))
            + "; quickstart takes the tutorial's (Pclass, Sex, Age, SibSp, Parch, Fare, Embarked,"
            + " Survived) or the inquiry's (Class, Sex, Age, Survived, Count): train on other files"
            + " with 'mlp train'");
  }

  private static List<Passenger> inquiry(Path file) {
    List<String> names = header(file);
    return List.of(
        passenger("a lady of the first class", names, "1st", "Female", "Adult"),
        passenger("a boy of the third class", names, "3rd", "Male", "Child"),
        passenger("a man of the crew", names, "Crew", "Male", "Adult"));
  }

  private static Passenger passenger(
      String who, List<String> names, String shipClass, String sex, String age) {
    Map<String, Object> features = new LinkedHashMap<>();
    features.put(like(names, "class"), shipClass);
    features.put(like(names, "sex"), sex);
    features.put(like(names, "age"), age);
    return new Passenger(who, features);
  }

  private static List<Passenger> tutorial(Path file) {
    List<String> names = header(file);
    return List.of(
        passenger("Mrs. Cumings, 38, first class", names, 1L, "female", 38.0, 1L, 0L, 71.2833, "C"),
        passenger("Master Palsson, 2, third class", names, 3L, "male", 2.0, 3L, 1L, 21.075, "S"),
        passenger("Mr. Braund, 22, third class", names, 3L, "male", 22.0, 1L, 0L, 7.25, "S"));
  }

  private static Passenger passenger(
      String who,
      List<String> names,
      long shipClass,
      String sex,
      double age,
      long siblings,
      long parents,
      double fare,
      String embarked) {
    Map<String, Object> features = new LinkedHashMap<>();
    features.put(like(names, "pclass"), shipClass);
    features.put(like(names, "sex"), sex);
    features.put(like(names, "age"), age);
    features.put(like(names, "sibsp"), siblings);
    features.put(like(names, "parch"), parents);
    features.put(like(names, "fare"), fare);
    features.put(like(names, "embarked"), embarked);
    return new Passenger(who, features);
  }

  private static String original(Path file, String column) {
    return like(header(file), column);
  }

  private static String like(List<String> names, String column) {
    return names.stream().filter(name -> name.equalsIgnoreCase(column)).findFirst().orElse(column);
  }

  private static List<String> columns(Path file) {
    return header(file).stream().map(name -> name.toLowerCase(java.util.Locale.ROOT)).toList();
  }

  private static List<String> header(Path file) {
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      String first = reader.readLine();
      List<String> names = new ArrayList<>();
      if (first != null) {
        for (String name : first.replace("\uFEFF", "").split(",", -1)) {
          names.add(name.strip().replace("\"", ""));
        }
      }
      return names;
    } catch (IOException e) {
      throw new InvalidRequestException("cannot read " + file + ": " + e.getMessage());
    }
  }
}
