package dev.mlp.controlplane.access;

import java.util.regex.Pattern;

/**
 * The account and region that every row, name and ARN belongs to.
 *
 * @param account 12 digits
 * @param region as the signature's scope names it, such as {@code us-east-1}
 */
public record Tenant(String account, String region) {
  private static final Pattern ACCOUNT = Pattern.compile("\\d{12}");
  private static final Pattern REGION = Pattern.compile("[a-z]{2,}(-[a-z]+)+-\\d+");

  public Tenant {
    if (!ACCOUNT.matcher(account).matches()) {
      throw new IllegalArgumentException("account '" + account + "': expected 12 digits");
    }
    if (!REGION.matcher(region).matches()) {
      throw new IllegalArgumentException("region '" + region + "': expected a name like us-east-1");
    }
  }

  /** {@code arn:aws:sagemaker:<region>:<account>:<resource>}, case kept. */
  public String sagemakerArn(String resource) {
    return "arn:aws:sagemaker:" + region + ":" + account + ":" + resource;
  }
}
