package dev.mlp.controlplane.access;

import java.util.Locale;

/** Who signed the request: the tenant that it acts in, and the key with its role. */
public record Caller(Tenant tenant, String accessKeyId, Role role) {
  /**
   * The session's name, as SageMaker calls it in its own instances. Programs derive the role's ARN
   * from the whole.
   */
  private static final String INSTANCE_SESSION = "mlp/SageMaker";

  /** A user named after the role; for an instance, a role that it has assumed. */
  public String arn() {
    return role == Role.INSTANCE
        ? "arn:aws:sts::" + tenant.account() + ":assumed-role/" + INSTANCE_SESSION
        : "arn:aws:iam::" + tenant.account() + ":user/" + role.name().toLowerCase(Locale.ROOT);
  }
}
