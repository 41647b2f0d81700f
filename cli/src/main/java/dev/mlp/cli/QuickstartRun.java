package dev.mlp.cli;

import dev.mlp.sdk.DeploymentListener;
import dev.mlp.sdk.Endpoint;
import dev.mlp.sdk.Estimator;
import dev.mlp.sdk.Predictor;
import dev.mlp.sdk.Session;
import dev.mlp.sdk.TrainingJob;
import dev.mlp.sdk.TrainingListener;
import dev.mlp.sdk.TransferListener.Transfer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;

/** One quickstart: the steps, what each has created, and how to remove that again. */
final class QuickstartRun {
  private static final String ENDPOINT = "titanic";
  private static final String INSTANCE_TYPE = "ml.m5.large";
  private static final String NUMBER = "([-+0-9.eE]+)";

  private final Context context;
  private final QuickstartData data;
  private final int splits;
  private final List<String> serverOptions;
  private final long started = System.nanoTime();
  private final Object cleaning = new Object();
  private volatile @Nullable Path directory;
  private volatile @Nullable ServerProcess server;
  private volatile @Nullable Session session;
  private volatile @Nullable TrainingJob job;
  private volatile @Nullable Endpoint endpoint;
  private boolean cleaned;

  /**
   * @param serverOptions of {@code mlp server}
   */
  QuickstartRun(Context context, QuickstartData data, int splits, List<String> serverOptions) {
    this.context = context;
    this.serverOptions = List.copyOf(serverOptions);
    this.data = data;
    this.splits = splits;
  }

  /** Since the start. */
  double seconds() {
    return Math.round((System.nanoTime() - started) / 1e7) / 100.0;
  }

  QuickstartResult run() {
    Session connected = step("start a server", this::startServer);
    DescribeTrainingJobResponse trained = step("train", () -> train(connected));
    QuickstartMetrics metrics =
        step("read the metrics", () -> QuickstartMetrics.of(connected, trained, splits));
    Predictor predictor = step("deploy", () -> deploy(connected));
    List<QuickstartResult.Answer> answers = step("ask for three passengers", () -> ask(predictor));
    return new QuickstartResult(
        metrics.auc(),
        metrics.accuracy(),
        metrics.threshold(),
        metrics.splits(),
        answers,
        trained.trainingJobName(),
        predictor.endpointName(),
        trained.modelArtifacts().s3ModelArtifacts());
  }

  /**
   * Removes everything there is so far; the second call finds nothing to do, and returns when it is
   * done. What cannot be removed is said, and the rest still is.
   */
  void cleanUp() {
    synchronized (cleaning) {
      if (cleaned) {
        return;
      }
      cleaned = true;
      // On a thread that nobody interrupts: Ctrl-C may come now too, and would break every wait.
      Thread removal = new Thread(this::removeAll, "clean-up");
      removal.start();
      boolean interrupted = false;
      while (removal.isAlive()) {
        try {
          removal.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void removeAll() {
    long begin = System.nanoTime();
    attempt("the endpoint", this::removeEndpoint);
    attempt("the training job", this::endJob);
    attempt("the uploaded files", this::removeFiles);
    attempt("the server", this::stopServer);
    attempt("what the server started", () -> remains(Remains::awaitProcesses));
    attempt("the temporary folder", () -> remains(Remains::delete));
    done("clean up", begin);
  }

  void sayWhatIsKept() {
    Path kept = directory;
    ServerProcess running = server;
    if (kept != null && running != null) {
      context.err().println();
      context
          .err()
          .println("kept; to look at it:  eval \"$(mlp env --data-dir " + kept + ")\"; mlp status");
      context
          .err()
          .println(
              "to remove it:         mlp endpoints delete --data-dir "
                  + kept
                  + " "
                  + ENDPOINT
                  + " && kill "
                  + running.pid()
                  + " && rm -r "
                  + kept);
    }
  }

  private Session startServer() throws IOException, InterruptedException {
    Path created = Files.createTempDirectory("mlp-quickstart-").toRealPath();
    directory = created;
    ServerProcess process =
        ServerProcess.start(context.home().resolve("mlp"), created, serverOptions);
    server = process;
    process.awaitReady();
    Session connected =
        Session.builder().environment(new DataDirectory(created).variables()).build();
    session = connected;
    return connected;
  }

  private DescribeTrainingJobResponse train(Session connected) {
    Map<String, Object> hyperParameters = new LinkedHashMap<>(data.hyperParameters());
    if (splits > 1) {
      hyperParameters.put("splits", splits);
    }
    Estimator estimator =
        Estimator.builder()
            .session(connected)
            .entryPoint(data.program())
            .baseJobName("titanic")
            .hyperparameters(hyperParameters)
            .metricDefinitions(
                Map.of(
                    "test:auc", "test:auc=" + NUMBER + ";",
                    "test:accuracy", "test:accuracy=" + NUMBER + ";",
                    "threshold", "threshold=" + NUMBER + ";"))
            .maxRuntime(Duration.ofHours(1))
            .build();
    try (Progress progress = new Progress(context)) {
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void uploading(Transfer transfer) {
              if (context.terminal().errors()) {
                progress.uploading(transfer);
              }
            }

            @Override
            public void status(String status, String message) {
              if (context.terminal().errors()) {
                progress.now("training: " + message);
              }
            }
          };
      job = estimator.start(Map.of("train", data.file()), listener);
      return estimator.await(listener);
    }
  }

  private Predictor deploy(Session connected) {
    TrainingJob trained = java.util.Objects.requireNonNull(job);
    try (Progress progress = new Progress(context)) {
      Endpoint created =
          trained.model().start(ENDPOINT, 1, INSTANCE_TYPE, DeploymentListener.SILENT);
      endpoint = created;
      if (context.terminal().errors()) {
        progress.now("waiting for the endpoint");
      }
      created.awaitInService(DeploymentListener.SILENT);
      return new Predictor(connected, ENDPOINT);
    }
  }

  private List<QuickstartResult.Answer> ask(Predictor predictor) {
    List<Object> instances = new ArrayList<>();
    data.passengers().forEach(passenger -> instances.add(passenger.features()));
    byte[] body = Tree.write(Map.of("instances", instances)).getBytes(StandardCharsets.UTF_8);
    String text = predictor.predict(body, Predictor.JSON).text();
    Object answer = Tree.json(text, "the model's answer");
    if (!(answer instanceof Map<?, ?> map)
        || !(map.get("predictions") instanceof List<?> predictions)
        || predictions.size() != instances.size()) {
      throw new CommandFailure("the model gave no " + instances.size() + " predictions: " + text);
    }
    List<QuickstartResult.Answer> answers = new ArrayList<>();
    for (int i = 0; i < instances.size(); i++) {
      answers.add(new QuickstartResult.Answer(data.passengers().get(i), predictions.get(i)));
    }
    return answers;
  }

  private void removeEndpoint() {
    if (endpoint != null) {
      endpoint.delete(Endpoint.Models.DELETE);
    }
  }

  private void endJob() {
    if (job != null && !TrainingJob.isEnded(job.describe())) {
      job.stop();
      job.await(TrainingListener.SILENT);
    }
  }

  private void removeFiles() {
    if (session == null || job == null) {
      return;
    }
    Session connected = session;
    String bucket = connected.defaultBucket();
    String prefix = job.name() + "/";
    for (S3Object object :
        connected.s3().listObjectsV2Paginator(r -> r.bucket(bucket).prefix(prefix)).contents()) {
      connected.s3().deleteObject(r -> r.bucket(bucket).key(object.key()));
    }
  }

  private void stopServer() {
    if (session != null) {
      session.close();
    }
    if (server != null) {
      server.stop();
    }
  }

  @FunctionalInterface
  private interface Removal {
    void of(Remains remains) throws InterruptedException;
  }

  private void remains(Removal removal) {
    Path made = directory;
    if (made == null) {
      return;
    }
    try {
      removal.of(new Remains(made));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void attempt(String what, Runnable removal) {
    try {
      removal.run();
    } catch (SdkException | UncheckedIOException | IllegalStateException e) {
      context.err().println("mlp: could not remove " + what + ": " + ErrorText.of(e).line());
    }
  }

  private <T> T step(String name, Callable<T> work) {
    long begin = System.nanoTime();
    try {
      T result = work.call();
      done(name, begin);
      return result;
    } catch (RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted while it was to " + name, e);
    } catch (Exception e) {
      throw new CommandFailure("could not " + name + ": " + e.getMessage(), e);
    }
  }

  private void done(String name, long begin) {
    context
        .err()
        .println(
            name
                + " ".repeat(Math.max(1, 28 - name.length()))
                + Progress.seconds(Duration.ofNanos(System.nanoTime() - begin)));
  }
}
