package dev.mlp.controlplane.container.process;

import dev.mlp.controlplane.container.BuiltInImages;
import dev.mlp.controlplane.container.BuiltInImages.BuiltInImage;
import java.util.List;
import java.util.Map;

/** A built-in image whose argument is a shell script. */
public final class ShellPrograms {
  /** {@code test-image}, also known as {@code *}{@code /alias-image:*}. */
  public static final BuiltInImages IMAGES =
      new BuiltInImages(
          List.of(
              new BuiltInImage(
                  "test-image",
                  List.of("*/alias-image:*"),
                  List.of("/bin/sh", "-c"),
                  Map.of("FROM_IMAGE", "yes"))));

  private ShellPrograms() {}
}
