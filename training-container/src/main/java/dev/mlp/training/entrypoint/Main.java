package dev.mlp.training.entrypoint;

import dev.mlp.training.contract.MlPaths;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The entry point of the training container: {@code Main train}.
 *
 * <p>It reads these variables beside those of the contract: {@code SAGEMAKER_BASE_DIR}, {@code
 * MLP_CACHE_DIR} (Python environments; {@code ../cache} beside the base by default), {@code
 * MLP_TENSORFLOW_CLASSPATH} (folder of TensorFlow's jars), {@code MLP_JAVACPP_CACHE} (folder of its
 * unpacked native libraries).
 */
public final class Main {
  private static final int USAGE = 2;

  private Main() {}

  public static void main(String[] arguments) {
    Log log = new Log();
    if (arguments.length != 1 || !arguments[0].equals("train")) {
      log.error("usage: " + Main.class.getName() + " train");
      System.exit(USAGE);
    }
    Foreground foreground = new Foreground();
    StopSignal signal = new StopSignal(foreground);
    Runtime.getRuntime().addShutdownHook(signal);
    Map<String, String> environment = System.getenv();
    int exitCode = 1;
    try {
      exitCode =
          Utf8Relaunch.isNeeded()
              ? Utf8Relaunch.run(foreground, environment)
              : new Training(paths(environment), environment, foreground, log).run();
    } catch (Exception e) {
      log.error(e.toString());
    } finally {
      // Whatever was thrown: the signal's thread waits for this before it lets the JVM end.
      signal.finished(exitCode);
    }
    System.exit(exitCode);
  }

  private static MlPaths paths(Map<String, String> environment) {
    String base = environment.getOrDefault(MlPaths.BASE_VARIABLE, "");
    return new MlPaths(base.isEmpty() ? MlPaths.CONTAINER_BASE : Path.of(base));
  }

  /**
   * Runs when the JVM is told to stop. It passes the signal on, lets the main thread write down how
   * the program ended, and gives the exit code that the JVM would otherwise replace by 143.
   */
  private static final class StopSignal extends Thread {
    private final Foreground foreground;
    private final CountDownLatch isFinished = new CountDownLatch(1);
    private volatile int exitCode;

    StopSignal(Foreground foreground) {
      super("stop-signal");
      this.foreground = foreground;
    }

    void finished(int code) {
      exitCode = code;
      isFinished.countDown();
    }

    @Override
    public void run() {
      if (isFinished.getCount() == 0) {
        return;
      }
      foreground.stop();
      try {
        isFinished.await();
      } catch (InterruptedException e) {
        exitCode = 1;
      }
      Runtime.getRuntime().halt(exitCode);
    }
  }
}
