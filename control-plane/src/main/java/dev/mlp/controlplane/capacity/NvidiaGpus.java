package dev.mlp.controlplane.capacity;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** NVIDIA's GPUs, as the driver's own tool lists them. */
public final class NvidiaGpus implements Gpus {
  private static final Logger logger = LoggerFactory.getLogger(NvidiaGpus.class);

  /** A driver that is not kept loaded takes seconds to wake up, for every card. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final String tool;
  private final Duration timeout;

  public NvidiaGpus() {
    this("nvidia-smi", TIMEOUT);
  }

  /**
   * @param tool found in {@code PATH}, or a path
   */
  NvidiaGpus(String tool, Duration timeout) {
    this.tool = tool;
    this.timeout = timeout;
  }

  @Override
  public List<Gpu> present() {
    Path output;
    try {
      output = Files.createTempFile("mlp-gpus", ".csv");
    } catch (IOException e) {
      logger.warn("GPUs are not used: no temporary file for what {} prints", tool, e);
      return List.of();
    }
    try {
      return list(output);
    } finally {
      delete(output);
    }
  }

  /** Into a file: a tool that hangs, or its children, cannot keep a reader waiting. */
  private List<Gpu> list(Path output) {
    Process process;
    try {
      process =
          new ProcessBuilder(tool, "--query-gpu=uuid,memory.total", "--format=csv,noheader,nounits")
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
    } catch (IOException e) {
      logger.debug("no GPUs: {} cannot be run", tool, e);
      return List.of();
    }
    try {
      process.getOutputStream().close();
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        logger.warn("GPUs are not used: {} did not answer within {}", tool, timeout);
        return List.of();
      }
      String text = Files.readString(output, UTF_8);
      if (process.exitValue() != 0) {
        logger.warn(
            "GPUs are not used: {} ended with {}: {}", tool, process.exitValue(), text.strip());
        return List.of();
      }
      return parse(text);
    } catch (IOException e) {
      logger.warn("GPUs are not used: what {} prints cannot be read", tool, e);
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    } finally {
      process.destroyForcibly();
    }
  }

  /** Lines of {@code <uuid>, <MiB>}; what is no GPU's line, such as a warning, is passed over. */
  static List<Gpu> parse(String text) {
    List<Gpu> gpus = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] fields = line.split(",", -1);
      if (fields.length == 2 && fields[0].strip().startsWith("GPU-")) {
        gpus.add(new Gpu(fields[0].strip(), mebibytes(fields[1].strip())));
      }
    }
    return List.copyOf(gpus);
  }

  private static OptionalLong mebibytes(String text) {
    return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      logger.debug("cannot delete {}", file, e);
    }
  }
}
