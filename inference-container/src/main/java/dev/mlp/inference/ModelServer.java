package dev.mlp.inference;

import dev.mlp.inference.http.HttpFrontend;
import dev.mlp.inference.model.Model;
import dev.mlp.inference.model.ModelDirectory;
import dev.mlp.inference.model.Models;
import dev.mlp.inference.tensorflow.SavedModel;
import dev.mlp.inference.tensorflow.Signature;
import dev.mlp.inference.tensorflow.StatusException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole server: finds and loads the models, warms them, then listens. */
final class ModelServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelServer.class);

  private final Models models;
  private final HttpFrontend http;
  private final int port;

  private ModelServer(Models models, HttpFrontend http, int port) {
    this.models = models;
    this.http = http;
    this.port = port;
  }

  /**
   * Returns when every model is loaded and the port is open.
   *
   * @throws dev.mlp.inference.model.NoModelException if there is nothing to serve
   * @throws StatusException if TensorFlow cannot load a model
   */
  static ModelServer start(ServerConfiguration configuration, StartUpTimes times)
      throws IOException {
    List<ModelDirectory> directories = ModelDirectory.find(configuration.modelRoot());
    List<Model> loaded = new ArrayList<>();
    for (ModelDirectory directory : directories) {
      loaded.add(
          new Model(
              directory.name(),
              directory.version(),
              SavedModel.load(directory.path(), configuration.threads())));
    }
    Models models = new Models(loaded, configuration.defaultModel());
    times.finished("models");
    loaded.forEach(ModelServer::warmUp);
    times.finished("warm-up");
    HttpFrontend http =
        new HttpFrontend(models, configuration.bodyLimit(), configuration.drainLimit());
    int port = http.start(configuration.host(), configuration.port());
    times.finished("HTTP");
    return new ModelServer(models, http, port);
  }

  private static void warmUp(Model model) {
    try {
      model
          .sampleInputs()
          .ifPresent(inputs ->
              model.predict(model.signature(Signature.DEFAULT_NAME).orElseThrow(), inputs));
    } catch (StatusException e) {
      // Zeros need not be valid input: a model that refuses them is not broken.
      LOG.info("The warm-up of {} was refused: {}", model, e.getMessage());
    }
  }

  int port() {
    return port;
  }

  Models models() {
    return models;
  }

  /** Drains, then frees the models. */
  @Override
  public void close() {
    http.close();
    models.close();
  }
}
