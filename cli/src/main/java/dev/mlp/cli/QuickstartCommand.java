package dev.mlp.cli;

import dev.mlp.sdk.InvalidRequestException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code mlp quickstart}: the whole path on data everybody knows. */
@CommandLine.Command(
    name = "quickstart",
    sortOptions = false,
    description =
        "Trains, serves and asks a model of who survived the Titanic, on a server of its own, and removes everything again.",
    footer = {
      "",
      "Examples:",
      "  mlp quickstart",
      "  mlp quickstart --data titanic.csv --splits 20",
      "  mlp quickstart --keep"
    })
final class QuickstartCommand extends Command {
  @Option(
      names = "--data",
      paramLabel = "CSV",
      description =
          "Passengers with a column Survived; by default those of the British inquiry of 1912.")
  @Nullable Path data;

  @Option(
      names = "--splits",
      paramLabel = "N",
      description = "Train on so many random splits and show mean and deviation.")
  int splits = 1;

  @Option(
      names = "--runtime",
      paramLabel = "auto|process|docker",
      description = "What runs the job and the endpoint, as for mlp server (default: auto).")
  String runtime = "auto";

  @Option(names = "--keep", description = "Leave the server, the endpoint and the files.")
  boolean keep;

  QuickstartCommand(Context context) {
    super(context);
  }

  @Override
  int run() {
    if (splits < 1) {
      throw new InvalidRequestException("--splits must be at least 1, not " + splits);
    }
    QuickstartData chosen = QuickstartData.choose(data, context.home());
    connectQuietly();
    List<String> serverOptions = new ArrayList<>(List.of("--runtime", runtime));
    if (!keep) {
      serverOptions.add("--temporary");
    }
    QuickstartRun quickstart = new QuickstartRun(context, chosen, splits, serverOptions);
    CountDownLatch pathLeft = new CountDownLatch(1);
    Thread path = Thread.currentThread();
    AtomicBoolean interrupted = new AtomicBoolean();
    try (Interrupt _ =
        Interrupt.runs(() -> {
          interrupted.set(true);
          cleanUpInstead(quickstart, path, pathLeft);
        })) {
      QuickstartResult result;
      boolean finished = false;
      try {
        result = quickstart.run();
        finished = true;
      } finally {
        pathLeft.countDown();
        if (!finished || !keep) {
          quickstart.cleanUp();
        }
      }
      if (json()) {
        printJson(result.tree(quickstart.seconds()));
      } else {
        result.print(context, this::print);
      }
      if (keep) {
        quickstart.sayWhatIsKept();
      }
    } catch (RuntimeException e) {
      // The step that was interrupted fails in words of its own; all has been said.
      if (interrupted.get() && !debug) {
        return ErrorText.INTERRUPTED;
      }
      throw e;
    }
    return 0;
  }

  /**
   * The main thread has to leave the path first, or it would go on creating what is being removed.
   */
  private void cleanUpInstead(QuickstartRun quickstart, Thread path, CountDownLatch pathLeft) {
    note("");
    note("mlp: interrupted; cleaning up");
    path.interrupt();
    try {
      if (!pathLeft.await(10, TimeUnit.SECONDS)) {
        note("mlp: the current step does not end; cleaning up beside it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    quickstart.cleanUp();
  }
}
