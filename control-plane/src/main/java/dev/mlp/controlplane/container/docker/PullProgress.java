package dev.mlp.controlplane.container.docker;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.ResponseItem;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Adds a pull's layers up, and keeps what it failed of. */
final class PullProgress extends ResultCallback.Adapter<PullResponseItem> {
  private static final long MEBIBYTE = 1 << 20;

  private record Layer(long loaded, long total) {}

  private final String image;
  private final Consumer<String> progress;
  private final Map<String, Layer> layers = new LinkedHashMap<>();
  private volatile @Nullable String error;

  PullProgress(String image, Consumer<String> progress) {
    this.image = image;
    this.progress = progress;
  }

  /** What the engine wrote into its answer, in its words. */
  Optional<String> error() {
    return Optional.ofNullable(error);
  }

  @Override
  public void onNext(PullResponseItem item) {
    ResponseItem.ErrorDetail detail = item.getErrorDetail();
    if (detail != null && detail.getMessage() != null) {
      error = detail.getMessage();
    }
    String id = item.getId();
    ResponseItem.ProgressDetail loaded = item.getProgressDetail();
    if (id == null || loaded == null || loaded.getTotal() == null || loaded.getCurrent() == null) {
      return;
    }
    if ("Downloading".equals(item.getStatus())) {
      layers.put(id, new Layer(loaded.getCurrent(), loaded.getTotal()));
    } else {
      layers.computeIfPresent(id, (_, layer) -> new Layer(layer.total(), layer.total()));
    }
    long done = layers.values().stream().mapToLong(Layer::loaded).sum();
    long total = layers.values().stream().mapToLong(Layer::total).sum();
    progress.accept(
        "pulling image %s: %d of %d MiB"
            .formatted(image, done / MEBIBYTE, Math.ceilDiv(total, MEBIBYTE)));
  }
}
