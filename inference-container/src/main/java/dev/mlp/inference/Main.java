package dev.mlp.inference;

import dev.mlp.inference.model.NoModelException;
import dev.mlp.inference.tensorflow.NativeEnvironment;
import dev.mlp.inference.tensorflow.StatusException;
import dev.mlp.inference.tensorflow.TensorFlowLibrary;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the model server: {@code serve} is what SageMaker runs a serving container with. */
public final class Main {
  private static final String LOG_FORMAT_PROPERTY = "java.util.logging.SimpleFormatter.format";

  private Main() {}

  public static void main(String[] arguments) {
    StartUpTimes times = StartUpTimes.sinceProcessStart();
    if (arguments.length != 1 || !arguments[0].equals("serve")) {
      fail("Usage: serve. Found: " + String.join(" ", arguments));
    }
    if (System.getProperty(LOG_FORMAT_PROPERTY) == null) {
      System.setProperty(LOG_FORMAT_PROPERTY, "%1$tFT%1$tT.%1$tL %4$s %5$s%6$s%n");
    }
    NativeEnvironment.prepare();
    try {
      serve(times);
    } catch (NoModelException | IllegalArgumentException e) {
      fail(String.valueOf(e.getMessage()));
    } catch (StatusException e) {
      fail("TensorFlow cannot load the model: " + e.describe());
    } catch (IOException | RuntimeException e) {
      logger().error("The server cannot start", e);
      Runtime.getRuntime().halt(1);
    }
  }

  private static void serve(StartUpTimes times) throws IOException {
    ServerConfiguration configuration = ServerConfiguration.of(System.getenv());
    ModelServer server = ModelServer.start(configuration, times);
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> stop(server)));
    System.out.println(
        "The model server is ready at http://"
            + configuration.host()
            + ":"
            + server.port()
            + " with "
            + server.models().all()
            + " on TensorFlow "
            + TensorFlowLibrary.version()
            + " ("
            + times
            + ")");
  }

  /** On SIGTERM: a stop that was asked for is no failure, whatever number the JVM would give it. */
  private static void stop(ModelServer server) {
    try {
      server.close();
    } catch (RuntimeException e) {
      logger().error("The server did not stop cleanly", e);
      Runtime.getRuntime().halt(1);
    }
    System.out.println("The model server has stopped.");
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static void fail(String message) {
    System.err.println(message);
    System.exit(1);
  }

  /** Not a constant: the logging library must not be set up before its format is. */
  private static Logger logger() {
    return LoggerFactory.getLogger(Main.class);
  }
}
