package dev.mlp.training.entrypoint;

/** What a {@code requirements.txt} says, as far as sharing its outcome is concerned. */
final class RequirementsFile {
  private RequirementsFile() {}

  /**
   * Whether the outcome depends on nothing but the text: true for requirements by name or address,
   * false as soon as a line names files of the job, such as {@code -r more.txt}, {@code -e .} or
   * {@code ./wheels/a.whl}.
   */
  static boolean standsAlone(String text) {
    for (String raw : text.split("\n", -1)) {
      String line = raw.strip();
      int comment = line.startsWith("#") ? 0 : line.indexOf(" #");
      line = (comment < 0 ? line : line.substring(0, comment)).strip();
      if (!line.isEmpty() && namesFiles(line)) {
        return false;
      }
    }
    return true;
  }

  private static boolean namesFiles(String line) {
    if (line.startsWith("-")) {
      return !(line.startsWith("--index-url")
          || line.startsWith("--extra-index-url")
          || line.startsWith("-i ")
          || line.startsWith("--pre")
          || line.startsWith("--prefer-binary")
          || line.startsWith("--only-binary")
          || line.startsWith("--no-binary")
          || line.startsWith("--trusted-host")
          || line.startsWith("--hash"));
    }
    boolean isAddress = line.contains("://") && !line.contains("file:");
    if (isAddress) {
      return false;
    }
    int marker = line.indexOf(';');
    String requirement = marker < 0 ? line : line.substring(0, marker);
    return requirement.contains("/")
        || requirement.contains("file:")
        || requirement.startsWith(".")
        || requirement.endsWith(".whl")
        || requirement.endsWith(".zip")
        || requirement.endsWith(".tar.gz");
  }
}
