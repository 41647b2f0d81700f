package dev.mlp.sdk;

/** Told how an upload gets on. Called from the uploading threads, one call at a time per upload. */
@FunctionalInterface
public interface TransferListener {
  /** Hears nothing. */
  TransferListener SILENT = transfer -> {};

  /** More bytes have gone out, or a file is finished. */
  void progress(Transfer transfer);

  /**
   * The state of one upload.
   *
   * @param name what is uploaded: a channel, an archive, a path
   * @param bytes sent so far
   * @param totalBytes to be sent
   * @param files finished so far
   * @param totalFiles to be sent
   */
  record Transfer(String name, long bytes, long totalBytes, int files, int totalFiles) {
    /** Whether everything is there. */
    public boolean finished() {
      return files == totalFiles;
    }
  }
}
