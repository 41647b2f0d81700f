package dev.mlp.benchmarks;

import dev.mlp.controlplane.access.StoreKey;
import dev.mlp.controlplane.artifact.Collecting;
import dev.mlp.controlplane.artifact.EmbeddedS3;
import dev.mlp.controlplane.artifact.OutputFolder;
import dev.mlp.controlplane.artifact.S3Address;
import dev.mlp.controlplane.artifact.S3ArtifactStore;
import io.minio.GetPresignedObjectUrlArgs;
import io.minio.Http;
import io.minio.MinioClient;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/**
 * An artifact's way from a folder into the embedded store: ours against {@code tar | gzip} into a
 * file and {@code curl} of that file. S3 takes no upload whose length is not known beforehand, so
 * neither can send while it packs.
 */
final class Upload {
  private static final String KEY_ID = "benchmark";
  private static final String SECRET = "benchmark-secret";
  private static final String REGION = "us-east-1";
  private static final String BUCKET = "benchmark";
  private static final double LARGEST_SIZE_RATIO = 1.03;
  private static final int MIB = 1 << 20;

  /** Writes one file of about so many bytes. */
  private interface Content {
    void write(DataOutputStream out, int bytes, Random random) throws IOException;
  }

  private final Programs programs;
  private final int rounds;

  Upload(Programs programs, int rounds) {
    this.programs = programs;
    this.rounds = rounds;
  }

  void run() throws Exception {
    Path weights = Files.createDirectories(programs.work().resolve("weights"));
    file(weights.resolve("1/variables/variables.data-00000-of-00001"), 160, Upload::floats);
    file(weights.resolve("1/bfloat16.bin"), 48, Upload::halves);
    file(weights.resolve("1/pruned.bin"), 24, Upload::pruned);
    file(weights.resolve("1/slots.bin"), 16, Upload::zeros);
    file(weights.resolve("1/assets/vocabulary.json"), 8, Upload::json);
    Path structured = Files.createDirectories(programs.work().resolve("structured"));
    file(structured.resolve("pruned.bin"), 32, Upload::pruned);
    file(structured.resolve("predictions.json"), 32, Upload::json);
    try (EmbeddedS3 server =
            EmbeddedS3.start(
                programs.work().resolve("s3"),
                key ->
                    key.equals(KEY_ID) ? Optional.of(StoreKey.whole(SECRET)) : Optional.empty());
        S3ArtifactStore store = new S3ArtifactStore(server.uri(), KEY_ID, SECRET, REGION)) {
      store.createBucket(BUCKET);
      System.out.println(Interleaved.header());
      compare(
          "collect 256 MiB of weights ÷ `tar \\| gzip >file; curl -T file`",
          weights,
          server.uri(),
          store);
      compare("collect 64 MiB that compress well ÷ the same", structured, server.uri(), store);
    }
  }

  private void compare(String what, Path folder, URI server, S3ArtifactStore store)
      throws Exception {
    S3Address ours = new S3Address(BUCKET, "ours/" + folder.getFileName());
    S3Address baseline = new S3Address(BUCKET, "baseline/" + folder.getFileName());
    Path archive = programs.work().resolve("archive.tar.gz");
    List<String> byHand =
        List.of(
            "sh",
            "-ec",
            "tar -C \"$0\" -c . | gzip >\"$1\"; curl -sSf -T \"$1\" \"$2\"; rm \"$1\"",
            folder.toString(),
            programs.work().resolve("by-hand.tar.gz").toString(),
            presigned(server, baseline));
    Collecting collecting = new Collecting(store);
    double megabytes = bytes(folder) / 1e6;
    Interleaved result =
        Interleaved.run(
            rounds,
            () -> {
              long start = System.nanoTime();
              collecting.collect(
                  new OutputFolder.OnDisk(folder), archive, ours, false, progress -> {});
              return megabytes * 1e9 / (System.nanoTime() - start);
            },
            () -> megabytes * 1e3 / programs.millis(byHand));
    System.out.println(result.row(what + ", " + sizes(store, ours, baseline), "MB/s"));
  }

  private static String presigned(URI server, S3Address address) throws Exception {
    MinioClient signer =
        MinioClient.builder()
            .endpoint(server.toString())
            .credentials(KEY_ID, SECRET)
            .region(REGION)
            .build();
    try {
      return signer.getPresignedObjectUrl(
          GetPresignedObjectUrlArgs.builder()
              .method(Http.Method.PUT)
              .bucket(address.bucket())
              .object(address.key())
              .expiry(3600)
              .build());
    } finally {
      signer.close();
    }
  }

  /** The speeds compare only where the sizes do. */
  private static String sizes(S3ArtifactStore store, S3Address ours, S3Address baseline)
      throws IOException {
    long our = store.find(ours).orElseThrow().size();
    long other = store.find(baseline).orElseThrow().size();
    double ratio = our / (double) other;
    if (ratio > LARGEST_SIZE_RATIO) {
      throw new IllegalStateException("larger than gzip's: %d bytes, %d".formatted(our, other));
    }
    return String.format(Locale.ROOT, "sizes %.1f ÷ %.1f MB = %.3f", our / 1e6, other / 1e6, ratio);
  }

  private static long bytes(Path folder) throws IOException {
    long total = 0;
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        total += Files.size(path);
      }
    }
    return total;
  }

  private static void file(Path path, int mebibytes, Content content) throws IOException {
    Files.createDirectories(path.resolve("..").normalize());
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path), MIB))) {
      content.write(out, mebibytes * MIB, new Random(mebibytes));
    }
  }

  private static float weight(Random random) {
    return (float) (random.nextGaussian() * 0.05);
  }

  private static void floats(DataOutputStream out, int bytes, Random random) throws IOException {
    for (int i = 0; i < bytes; i += Float.BYTES) {
      out.writeInt(Integer.reverseBytes(Float.floatToIntBits(weight(random))));
    }
  }

  private static void halves(DataOutputStream out, int bytes, Random random) throws IOException {
    for (int i = 0; i < bytes; i += Short.BYTES) {
      int bfloat16 = Float.floatToIntBits(weight(random)) >>> Short.SIZE;
      out.writeShort(Short.reverseBytes((short) bfloat16));
    }
  }

  /** Four of five weights are 0. */
  private static void pruned(DataOutputStream out, int bytes, Random random) throws IOException {
    for (int i = 0; i < bytes; i += Float.BYTES) {
      float weight = random.nextInt(5) == 0 ? weight(random) : 0;
      out.writeInt(Integer.reverseBytes(Float.floatToIntBits(weight)));
    }
  }

  private static void zeros(DataOutputStream out, int bytes, Random random) throws IOException {
    out.write(new byte[bytes]);
  }

  private static void json(DataOutputStream out, int bytes, Random random) throws IOException {
    for (int i = 0; out.size() < bytes; i++) {
      String line =
          "{\"id\": " + i + ", \"token\": \"t" + random.nextInt(50_000) + "\", \"score\": ";
      out.write((line + random.nextFloat() + "},\n").getBytes(StandardCharsets.US_ASCII));
    }
  }
}
