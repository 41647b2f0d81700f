package dev.mlp.sdk;

/** Told how a deployment gets on. */
public interface DeploymentListener {
  /** Hears nothing. */
  DeploymentListener SILENT = new DeploymentListener() {};

  /** A local model is on its way. */
  default void uploading(TransferListener.Transfer transfer) {}

  /** The endpoint's status is now this one. */
  default void status(String endpointName, String status) {}

  /**
   * What a variant's instances are at or wait for, in the platform's words; told when it changes.
   */
  default void reason(String endpointName, String status, String message) {}
}
