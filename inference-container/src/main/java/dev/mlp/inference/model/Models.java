package dev.mlp.inference.model;

import dev.mlp.inference.tensorflow.StatusCode;
import dev.mlp.inference.tensorflow.StatusException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/** All loaded models. Never changes after construction. */
public final class Models implements AutoCloseable {
  private final Map<String, NavigableMap<Long, Model>> byName = new LinkedHashMap<>();
  private final Model defaultModel;

  /**
   * @param models at least one
   * @param defaultName the model that answers where a request names none; empty: the first one
   * @throws NoModelException if there is no model of the default name
   */
  public Models(List<Model> models, String defaultName) {
    for (Model model : models) {
      byName.computeIfAbsent(model.name(), _ -> new TreeMap<>()).put(model.version(), model);
    }
    String name = defaultName.isEmpty() ? models.getFirst().name() : defaultName;
    NavigableMap<Long, Model> versions = byName.get(name);
    if (versions == null) {
      throw new NoModelException(
          "The default model is to be "
              + name
              + ", but the loaded models are "
              + byName.keySet()
              + ".");
    }
    this.defaultModel = versions.lastEntry().getValue();
  }

  /** The highest version of the default model. */
  public Model defaultModel() {
    return defaultModel;
  }

  /**
   * @param version empty: the highest
   * @throws StatusException if it is not loaded, in TensorFlow Serving's words
   */
  public Model find(String name, OptionalLong version) {
    NavigableMap<Long, Model> versions = byName.get(name);
    Model model =
        versions == null
            ? null
            : version.isEmpty()
                ? versions.lastEntry().getValue()
                : versions.get(version.getAsLong());
    if (model == null) {
      throw new StatusException(
          StatusCode.NOT_FOUND,
          "Servable not found for request: "
              + (version.isEmpty()
                  ? "Latest(" + name + ")"
                  : "Specific(" + name + ", " + version.getAsLong() + ")"));
    }
    return model;
  }

  /**
   * The loaded versions of a model, the highest first.
   *
   * @param version empty: all of them
   * @throws StatusException if there is none
   */
  public Collection<Model> versions(String name, OptionalLong version) {
    NavigableMap<Long, Model> versions = byName.getOrDefault(name, new TreeMap<>());
    if (version.isEmpty()) {
      if (versions.isEmpty()) {
        throw new StatusException(
            StatusCode.NOT_FOUND, "Could not find any versions of model " + name);
      }
      return versions.descendingMap().values();
    }
    Model model = versions.get(version.getAsLong());
    if (model == null) {
      throw new StatusException(
          StatusCode.NOT_FOUND,
          "Could not find version " + version.getAsLong() + " of model " + name);
    }
    return List.of(model);
  }

  /** Every loaded version. */
  public List<Model> all() {
    List<Model> all = new ArrayList<>();
    byName.values().forEach(versions -> all.addAll(versions.values()));
    return all;
  }

  @Override
  public void close() {
    all().forEach(Model::close);
  }
}
