package dev.mlp.benchmarks;

import dev.mlp.sdk.Estimator;
import dev.mlp.sdk.LogLine;
import dev.mlp.sdk.Model;
import dev.mlp.sdk.Predictor;
import dev.mlp.sdk.Session;
import dev.mlp.sdk.TrainingJob;
import dev.mlp.sdk.TrainingListener;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;

/** {@code tools/benchmark NAME}: prints the rows of one table of docs/benchmarks.md. */
final class Main {
  private static final Pattern NOW = Pattern.compile("now=(\\d+);");
  private static final String ROW =
      "{\"instances\":[["
          + IntStream.range(0, MlpModel.INPUTS)
              .mapToObj(i -> "0." + (i + 1))
              .collect(Collectors.joining(","))
          + "]]}";

  private final Programs programs;
  private final int rounds;

  private Main(Programs programs, int rounds) {
    this.programs = programs;
    this.rounds = rounds;
  }

  public static void main(String[] arguments) throws Exception {
    String name = arguments.length == 0 ? "" : arguments[0];
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
    Programs programs = Programs.create();
    try {
      switch (name) {
        case "start-up" -> new Main(programs, rounds == 0 ? 11 : rounds).startUp();
        case "submit" -> new Main(programs, rounds == 0 ? 15 : rounds).submit();
        case "containers" -> new Main(programs, rounds == 0 ? 11 : rounds).containers();
        case "invoke" -> new Main(programs, rounds == 0 ? 9 : rounds).invoke();
        case "upload" -> new Upload(programs, rounds == 0 ? 5 : rounds).run();
        case "model-server" -> new Main(programs, rounds == 0 ? 9 : rounds).modelServer();
        case "staging" -> new Main(programs, rounds == 0 ? 51 : rounds).staging();
        default -> {
          System.err.println(
              "benchmark '"
                  + name
                  + "': expected start-up, submit, containers, staging, upload, invoke or model-server");
          System.exit(2);
        }
      }
    } finally {
      delete(programs.work());
    }
  }

  /** Whole programs against the smallest Java program. */
  private void startUp() throws Exception {
    Path jar = jar(Hello.class);
    List<String> hello =
        List.of(
            Programs.java(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            jar.toString(),
            Hello.class.getName());
    Interleaved.Measurement baseline = () -> programs.millis(hello);
    System.out.println(Interleaved.header());
    System.out.println(
        Interleaved.run(rounds, () -> programs.millis(programs.mlp("--version")), baseline)
            .row("`mlp --version` ÷ `java Hello`", "ms"));
    try (Programs.Started _ = programs.server()) {
      System.out.println(
          Interleaved.run(rounds, () -> programs.millis(programs.mlp("jobs", "list")), baseline)
              .row("`mlp jobs list` ÷ `java Hello`", "ms"));
    }
    System.out.println(
        Interleaved.run(
                rounds,
                () -> {
                  try (Programs.Started server = programs.server()) {
                    return server.millis();
                  }
                },
                baseline)
            .row("`mlp server` until it is ready ÷ `java Hello`", "ms"));
    Path model = mlpModel();
    System.out.println(
        Interleaved.run(
                rounds,
                () -> {
                  try (Programs.Started server = programs.modelServer(model)) {
                    return server.millis();
                  }
                },
                baseline)
            .row("inference instance until `/ping` is 200 ÷ `java Hello`", "ms"));
  }

  /** From the request to the script's own first line. */
  private void submit() throws Exception {
    Path script =
        Files.writeString(
            programs.work().resolve("first.sh"), "#!/bin/sh\necho \"now=$(date +%s%3N);\"\n");
    Path jar = jar(Hello.class);
    System.out.println(Interleaved.header());
    try (Programs.Started server = programs.server();
        Session session = session(server)) {
      System.out.println(
          Interleaved.run(
                  rounds,
                  () -> submitted(session, script),
                  () -> byHand(List.of("sh", script.toString())))
              .row("submit → first line of a `.sh` ÷ `sh first.sh`", "ms"));
      System.out.println(
          Interleaved.run(
                  rounds,
                  () -> submitted(session, jar),
                  () -> byHand(List.of(Programs.java(), "-jar", jar.toString())))
              .row("submit → first line of a `.jar` ÷ `java -jar`", "ms"));
    }
  }

  private void containers() throws Exception {
    String image =
        programs
            .run(List.of("docker", "images", "--format", "{{.Repository}}:{{.Tag}}", "mlp-machine"))
            .lines()
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no image: mlp images build first"));
    try (Programs.Started server = programs.server("docker");
        Session session = session(server)) {
      new Containers(programs, session, session.roleArn().orElseThrow(), image).run(rounds);
    }
  }

  private static double submitted(Session session, Path program) {
    Estimator estimator =
        Estimator.builder()
            .session(session)
            .entryPoint(program)
            .instanceType("ml.m5.large")
            .build();
    StringBuilder lines = new StringBuilder();
    var plan = estimator.plan(Map.of());
    long start = System.currentTimeMillis();
    TrainingJob job =
        plan.submit(
            new TrainingListener() {
              @Override
              public void log(LogLine line) {
                lines.append(line.message()).append('\n');
              }
            });
    job.await(
        new TrainingListener() {
          @Override
          public void log(LogLine line) {
            lines.append(line.message()).append('\n');
          }
        });
    return now(lines.toString()) - start;
  }

  private double byHand(List<String> command) throws Exception {
    long start = System.currentTimeMillis();
    return Math.max(1, now(programs.run(command)) - start);
  }

  private static double now(String output) {
    Matcher matcher = NOW.matcher(output);
    if (!matcher.find()) {
      throw new IllegalStateException("the program printed no time: " + output);
    }
    return Double.parseDouble(matcher.group(1));
  }

  /** Through the gateway, signed, against the same model server asked directly. */
  private void invoke() throws Exception {
    Path model = mlpModel();
    try (Programs.Started server = programs.server();
        Session session = session(server);
        Programs.Started direct = programs.modelServer(model)) {
      Predictor predictor =
          Model.builder()
              .session(session)
              .modelData(model)
              .baseName("benchmark")
              .build()
              .deploy("benchmark", 1, "ml.m5.large");
      URI url = url(server);
      Load ours = new Load(url.getHost(), url.getPort(), signed(session, url));
      Load baseline =
          new Load(
              "127.0.0.1", Integer.parseInt(direct.line()), plain("/invocations", "localhost"));
      warm(ours, baseline);
      System.out.println(Interleaved.header());
      System.out.println(
          Interleaved.run(rounds, () -> ours.medianMicros(3000), () -> baseline.medianMicros(3000))
              .row("InvokeEndpoint, p50 at 1 connection ÷ model server directly", "µs"));
      Duration time = Duration.ofSeconds(3);
      System.out.println(
          Interleaved.run(
                  rounds, () -> ours.perSecond(16, time), () -> baseline.perSecond(16, time))
              .row(
                  "InvokeEndpoint, requests a second at 16 connections ÷ model server directly",
                  "/s"));
      predictor.deleteEndpoint();
    }
  }

  /** HTTP, JSON and all, against TensorFlow's C API in a loop. */
  private void modelServer() throws Exception {
    Path model = mlpModel();
    String version = model.resolve("1").toString();
    try (Programs.Started server = programs.modelServer(model)) {
      Load load =
          new Load(
              "127.0.0.1", Integer.parseInt(server.line()), plain("/invocations", "localhost"));
      warm(load, load);
      Duration time = Duration.ofSeconds(3);
      System.out.println(Interleaved.header());
      System.out.println(
          Interleaved.run(
                  rounds,
                  () -> load.perSecond(16, time),
                  () ->
                      Double.parseDouble(
                          programs.run(Programs.own(RawLoop.class, version, "2", "3000")).strip()))
              .row(
                  "model server, requests a second at 16 connections ÷ raw C API, 2 threads",
                  "/s"));
      System.out.println(
          Interleaved.run(
                  rounds,
                  () -> load.medianMicros(3000),
                  () ->
                      1e6
                          / Double.parseDouble(
                              programs
                                  .run(Programs.own(RawLoop.class, version, "1", "3000"))
                                  .strip()))
              .row("model server, p50 at 1 connection ÷ raw C API, one call", "µs"));
    }
  }

  /** A second job's staging of what a first one has staged, against links made by hand. */
  private void staging() throws Exception {
    System.out.println(Interleaved.header());
    try (Staging channel = new Staging(programs, 64, 16 << 20)) {
      System.out.println(
          Interleaved.run(Math.min(15, rounds), channel::nextJob, channel::linked)
              .row("1 GiB in 64 objects, the first jobs after a start ÷ `cp -rl`", "ms"));
      for (int i = 0; i < 500; i++) {
        channel.nextJob();
      }
      System.out.println(
          Interleaved.run(rounds, channel::nextJob, channel::linked)
              .row("the same after 500 jobs ÷ `cp -rl`", "ms"));
      System.out.println(
          Interleaved.run(rounds, channel::listing, channel::linked)
              .row("of that, listing the objects ÷ `cp -rl`", "ms"));
    }
  }

  private static void warm(Load... loads) throws Exception {
    for (Load load : loads) {
      load.perSecond(16, Duration.ofSeconds(5));
    }
  }

  private Path mlpModel() throws Exception {
    Path folder = Files.createDirectories(programs.work().resolve("model"));
    if (!Files.exists(folder.resolve("1"))) {
      programs.run(Programs.own(MlpModel.class, folder.toString()));
    }
    return folder;
  }

  private static URI url(Programs.Started server) {
    return URI.create(server.line().substring(server.line().indexOf("http")));
  }

  private Session session(Programs.Started server) throws Exception {
    Map<String, String> environment =
        programs
            .run(programs.mlp("env"))
            .lines()
            .filter(line -> line.startsWith("export "))
            .map(line -> line.substring(7).split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1].replace("'", "")));
    return Session.builder().environment(environment).endpointOverride(url(server)).build();
  }

  /** Signed once and sent again and again, which the signature allows for 15 minutes. */
  private static byte[] signed(Session session, URI url) {
    byte[] body = ROW.getBytes(StandardCharsets.UTF_8);
    SdkHttpRequest request =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.POST)
            .uri(url.resolve("/endpoints/benchmark/invocations"))
            .putHeader("Content-Type", "application/json")
            .build();
    var credentials =
        session
            .sageMaker()
            .serviceClientConfiguration()
            .credentialsProvider()
            .resolveIdentity()
            .join();
    SdkHttpRequest signed =
        AwsV4HttpSigner.create()
            .sign(builder ->
                builder
                    .identity(
                        AwsBasicCredentials.create(
                            credentials.accessKeyId(), credentials.secretAccessKey()))
                    .request(request)
                    .payload(ContentStreamProvider.fromByteArray(body))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "sagemaker")
                    .putProperty(AwsV4HttpSigner.REGION_NAME, session.region().id()))
            .request();
    StringBuilder head = new StringBuilder("POST /endpoints/benchmark/invocations HTTP/1.1\r\n");
    signed.forEachHeader((name, values) ->
        values.forEach(value -> head.append(name).append(": ").append(value).append("\r\n")));
    if (signed.firstMatchingHeader("Content-Length").isEmpty()) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    return (head + "\r\n" + ROW).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] plain(String path, String host) {
    return ("POST "
            + path
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + ROW.length()
            + "\r\n\r\n"
            + ROW)
        .getBytes(StandardCharsets.UTF_8);
  }

  private Path jar(Class<?> program) throws IOException {
    Path jar = programs.work().resolve("program.jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, program.getName());
    String entry = program.getName().replace('.', '/') + ".class";
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest);
        var bytes = program.getResourceAsStream("/" + entry)) {
      if (bytes == null) {
        throw new IOException("no class file of " + program);
      }
      out.putNextEntry(new JarEntry(entry));
      bytes.transferTo(out);
    }
    return jar;
  }

  private static void delete(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
