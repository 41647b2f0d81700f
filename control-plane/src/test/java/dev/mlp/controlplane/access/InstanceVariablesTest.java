package dev.mlp.controlplane.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceVariablesTest {
  private static final Tenant TENANT = new Tenant("123456789012", "us-east-1");
  private static final Map<String, String> PLATFORM =
      InstanceVariables.withKey(
          TENANT,
          "http://10.0.0.1:7373",
          new AccessKey(
              "AKIAOURS",
              "ours",
              TENANT.account(),
              Role.INSTANCE,
              AccessKey.Status.ACTIVE,
              Instant.EPOCH));

  @Test
  void theUsersOwnVariablesWin() {
    assertThat(InstanceVariables.merged(PLATFORM, Map.of("AWS_REGION", "eu-west-1", "A", "1")))
        .containsEntry("AWS_REGION", "eu-west-1")
        .containsEntry("A", "1")
        .containsEntry("AWS_ACCESS_KEY_ID", "AKIAOURS")
        .containsEntry("AWS_SECRET_ACCESS_KEY", "ours")
        .containsEntry("AWS_ENDPOINT_URL_S3", "http://10.0.0.1:7373");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE"
      })
  void whoeverBringsCredentialsGetsNoHalfOfOurs(String name) {
    Map<String, String> merged = InstanceVariables.merged(PLATFORM, Map.of(name, "theirs"));
    assertThat(merged).containsEntry(name, "theirs").doesNotContainValue("ours");
    assertThat(merged).doesNotContainValue("AKIAOURS");
  }

  @Test
  void anEndpointOfTheUsersHoldsForTheObjectStoreToo() {
    assertThat(InstanceVariables.merged(PLATFORM, Map.of("AWS_ENDPOINT_URL", "https://theirs")))
        .containsEntry("AWS_ENDPOINT_URL", "https://theirs")
        .doesNotContainKeys("AWS_ENDPOINT_URL_S3", "S3_ENDPOINT_URL");
    assertThat(InstanceVariables.merged(PLATFORM, Map.of("AWS_ENDPOINT_URL_S3", "https://theirs")))
        .containsEntry("AWS_ENDPOINT_URL", "http://10.0.0.1:7373")
        .containsEntry("AWS_ENDPOINT_URL_S3", "https://theirs");
  }

  @Test
  void withoutANetworkThereIsNothingToReach() {
    assertThat(InstanceVariables.withoutNetwork(TENANT))
        .containsOnly(
            Map.entry("AWS_REGION", "us-east-1"),
            Map.entry("AWS_DEFAULT_REGION", "us-east-1"),
            Map.entry("AWS_EC2_METADATA_DISABLED", "true"));
  }
}
