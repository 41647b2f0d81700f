package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.container.BuiltInImages.BuiltInImage;
import dev.mlp.controlplane.container.GroupId;
import dev.mlp.controlplane.container.MemberSpec;
import dev.mlp.controlplane.container.local.MemberFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Starts programs below the shim, each in a session of its own. */
final class Launcher {
  private static final String SHIM = "shim.sh";
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Path shim;
  private final MountNamespaces namespaces;

  /** Writes the shim to the folder, unless it is there already. */
  Launcher(Path folder, MountNamespaces namespaces) throws IOException {
    this.shim = folder.resolve(SHIM);
    this.namespaces = namespaces;
    try (InputStream in = Launcher.class.getResourceAsStream(SHIM)) {
      if (in == null) {
        throw new IllegalStateException(SHIM + " is missing from this program's resources");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      // Shells read their script as they go: those that run keep the file that they have open.
      if (!Files.exists(shim) || !Files.readString(shim).equals(text)) {
        MemberFolder.writeWhole(shim, text);
      }
    }
  }

  /** The variables that tell an instance's processes from all others. */
  static List<String> marks(GroupId group, MemberSpec spec, MemberFolder folder) {
    return List.of(
        "MLP_INSTANCE=" + group + "/" + spec.hostName(), "SAGEMAKER_BASE_DIR=" + folder.ml());
  }

  /**
   * Starts it; of two starts of one member, one gives way.
   *
   * @return the shim, as a child of this process
   */
  Process launch(
      GroupId group, MemberSpec spec, BuiltInImage image, MemberFolder folder, OptionalInt port)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add("setsid");
    String mount = "";
    if (folder.isMarked(InputPlacement.MOUNTS)) {
      mount =
          namespaces
              .programs()
              .orElseThrow(() ->
                  new IOException(
                      "Its inputs were to be mounted, which is not possible any more: "
                          + namespaces.description()))
              .mount()
              .toString();
      command.addAll(namespaces.prefix());
    }
    command.addAll(List.of("/bin/sh", shim.toString(), folder.state().toString(), mount));
    command.addAll(spec.entrypoint().isEmpty() ? image.command() : spec.entrypoint());
    command.addAll(spec.arguments());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.ml().toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            // One open file for both streams keeps their order.
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(spec.log().toFile()));
    builder.environment().clear();
    builder.environment().putAll(environment(group, spec, image, folder, port));
    return builder.start();
  }

  private static Map<String, String> environment(
      GroupId group, MemberSpec spec, BuiltInImage image, MemberFolder folder, OptionalInt port) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("PATH", Optional.ofNullable(System.getenv("PATH")).orElse(DEFAULT_PATH));
    environment.put("HOME", folder.home().toString());
    environment.put("TMPDIR", folder.temporary().toString());
    environment.put("LANG", "C.UTF-8");
    environment.putAll(image.environment());
    environment.putAll(spec.environment());
    // Last: without these the instance could be neither used nor found again.
    for (String mark : marks(group, spec, folder)) {
      int equals = mark.indexOf('=');
      environment.put(mark.substring(0, equals), mark.substring(equals + 1));
    }
    if (port.isPresent()) {
      environment.put("SAGEMAKER_BIND_TO_PORT", Integer.toString(port.getAsInt()));
      environment.put("MLP_BIND_HOST", "127.0.0.1");
      environment.put("SM_MODEL_DIR", folder.ml().resolve("model").toString());
    }
    return environment;
  }
}
