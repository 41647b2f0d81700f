package dev.mlp.controlplane.access;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The environment variables that AWS clients in an instance read. */
public final class InstanceVariables {
  private static final String ENDPOINT = "AWS_ENDPOINT_URL";
  private static final String ENDPOINT_S3 = "AWS_ENDPOINT_URL_S3";
  private static final String KEY_ID = "AWS_ACCESS_KEY_ID";
  private static final String SECRET = "AWS_SECRET_ACCESS_KEY";

  /** SageMaker's training toolkit knows the store's address by this name. */
  private static final String TOOLKIT_ENDPOINT_S3 = "S3_ENDPOINT_URL";

  /** Any of them says that the instance is to be somebody else. */
  private static final Set<String> OTHER_CREDENTIALS =
      Set.of(KEY_ID, SECRET, "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE");

  private InstanceVariables() {}

  /** For an instance that can reach nothing: it gets no credentials, as on SageMaker. */
  public static Map<String, String> withoutNetwork(Tenant tenant) {
    return region(tenant);
  }

  static Map<String, String> withKey(Tenant tenant, String platformUrl, AccessKey key) {
    Map<String, String> variables = withoutKey(tenant, platformUrl, platformUrl);
    variables.put(KEY_ID, key.id());
    variables.put(SECRET, key.secret());
    return variables;
  }

  static Map<String, String> withoutKey(Tenant tenant, String platformUrl, String storeUrl) {
    Map<String, String> variables = region(tenant);
    variables.put(ENDPOINT, platformUrl);
    variables.put(ENDPOINT_S3, storeUrl);
    variables.put(TOOLKIT_ENDPOINT_S3, storeUrl);
    return variables;
  }

  private static Map<String, String> region(Tenant tenant) {
    Map<String, String> variables = new HashMap<>();
    variables.put("AWS_REGION", tenant.region());
    variables.put("AWS_DEFAULT_REGION", tenant.region());
    // Nobody answers there: a client without a key would only wait for it.
    variables.put("AWS_EC2_METADATA_DISABLED", "true");
    return variables;
  }

  /**
   * The user's own variables on top of the platform's. They win, and whole: half a key of the
   * user's beside half of the instance's would be none, and a store's address of the platform's
   * would hide the one endpoint for everything that the user names.
   */
  public static Map<String, String> merged(Map<String, String> platform, Map<String, String> own) {
    Map<String, String> merged = new HashMap<>(platform);
    if (own.keySet().stream().anyMatch(OTHER_CREDENTIALS::contains)) {
      List.of(KEY_ID, SECRET).forEach(merged::remove);
    }
    if (own.containsKey(ENDPOINT)) {
      List.of(ENDPOINT_S3, TOOLKIT_ENDPOINT_S3).forEach(merged::remove);
    }
    merged.putAll(own);
    return merged;
  }
}
