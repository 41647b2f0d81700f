package dev.mlp.controlplane.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.access.StoreScope.Area;
import dev.mlp.controlplane.database.Database;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InstanceKeysTest {
  private static final StoreScope SCOPE =
      new StoreScope(
          List.of(Area.prefix("data", "train"), Area.object("code", "source.tar.gz")),
          List.of(Area.prefix("models", "job/")));

  private final Database database =
      Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  private AccessKeys keys = open();
  private Tenant tenant = new Tenant("123456789012", "eu-central-1");

  @BeforeEach
  void makeTheAccount() {
    tenant = new Tenant(keys.createFirst().account(), "eu-central-1");
  }

  @AfterEach
  void noConnectionLeaks() {
    assertThat(database.activeConnections()).isZero();
    database.close();
  }

  private AccessKeys open() {
    return new AccessKeys(new AccessKeyStore(database.jdbi()), Clock.systemUTC());
  }

  private AccessKey issue(String group, String host) {
    return keys.instances().issue(new InstanceName(tenant, group, host), SCOPE);
  }

  @Test
  void aKeyIsGoodForItsScopeAndToAskWhoItIs() {
    AccessKey key = issue("job", "algo-1");
    assertThat(key.id()).matches("AKIA[A-Z2-7]{16}");
    assertThat(key.secret()).matches("[A-Za-z0-9]{40}");
    assertThat(key.role()).isEqualTo(Role.INSTANCE);
    assertThat(key.account()).isEqualTo(tenant.account());
    assertThat(keys.find(key.id())).contains(key);
    assertThat(keys.secret(key.id())).contains(key.secret());
    assertThat(keys.storeKey(tenant.account(), key.id()))
        .contains(StoreKey.of(key.secret(), SCOPE));
    assertThat(keys.storeKey("210987654321", key.id())).isEmpty();
    assertThat(keys.active()).doesNotContain(key);
  }

  @Test
  void aSecondStartOfAnInstanceFindsItsKey() {
    AccessKey first = issue("job", "algo-1");
    assertThat(issue("job", "algo-1")).isEqualTo(first);
    assertThat(issue("job", "algo-2").id()).isNotEqualTo(first.id());
    assertThat(issue("other", "algo-1").id()).isNotEqualTo(first.id());
  }

  @Test
  void aRestartKeepsKeysWithTheirScopes() {
    AccessKey key = issue("job", "algo-1");
    keys = open();
    assertThat(keys.find(key.id())).contains(key);
    assertThat(keys.storeKey(tenant.account(), key.id()))
        .contains(StoreKey.of(key.secret(), SCOPE));
    assertThat(issue("job", "algo-1")).isEqualTo(key);
  }

  @Test
  void aScopeThatIsAskedForAnewHoldsFromThenOn() {
    AccessKey key = issue("job", "algo-1");
    keys.instances().issue(new InstanceName(tenant, "job", "algo-1"), StoreScope.NOTHING);
    StoreKey nothing = StoreKey.of(key.secret(), StoreScope.NOTHING);
    assertThat(keys.storeKey(tenant.account(), key.id())).contains(nothing);
    assertThat(open().storeKey(tenant.account(), key.id())).contains(nothing);
  }

  @Test
  void aRevokedGroupsKeysAreUnknownAtOnceAndAfterARestart() {
    AccessKey first = issue("job", "algo-1");
    AccessKey second = issue("job", "algo-2");
    AccessKey other = issue("other", "algo-1");
    keys.instances().revoke("job");
    keys.instances().revoke("job");
    for (AccessKeys now : List.of(keys, open())) {
      for (AccessKey gone : List.of(first, second)) {
        assertThat(now.find(gone.id())).isEmpty();
        assertThat(now.secret(gone.id())).isEmpty();
        assertThat(now.storeKey(tenant.account(), gone.id())).isEmpty();
      }
      assertThat(now.find(other.id())).contains(other);
    }
    assertThat(issue("job", "algo-1").id()).isNotEqualTo(first.id());
  }

  @Test
  void aRevocationThatTheDatabaseMissedIsRefusedAllTheSameAndCanBeRepeated() {
    AccessKey key = issue("job", "algo-1");
    database.jdbi().useHandle(h -> h.execute("ALTER TABLE instance_key RENAME TO away"));
    assertThatThrownBy(() -> keys.instances().revoke("job")).isInstanceOf(RuntimeException.class);
    assertThat(keys.find(key.id())).isEmpty();
    database.jdbi().useHandle(h -> h.execute("ALTER TABLE away RENAME TO instance_key"));
    assertThat(issue("job", "algo-1")).isEqualTo(key);
    keys.instances().revoke("job");
    assertThat(open().find(key.id())).isEmpty();
  }

  @Test
  void aKeyThatCannotBeStoredIsNotGiven() {
    database.jdbi().useHandle(h -> h.execute("ALTER TABLE instance_key RENAME TO away"));
    assertThatThrownBy(() -> issue("job", "algo-1")).isInstanceOf(RuntimeException.class);
    database.jdbi().useHandle(h -> h.execute("ALTER TABLE away RENAME TO instance_key"));
    AccessKey key = issue("job", "algo-1");
    assertThat(open().find(key.id())).contains(key);
  }

  @Test
  void aSweepEndsTheKeysOfGroupsWithoutARow() {
    AccessKey orphan = issue("gone", "algo-1");
    AccessKey tracked = issue("job", "algo-1");
    keys = open();
    keys.instances().sweep(() -> Set.of("job", "not-started-yet"));
    assertThat(keys.find(orphan.id())).isEmpty();
    assertThat(keys.find(tracked.id())).contains(tracked);
    assertThat(open().find(orphan.id())).isEmpty();
  }

  @Test
  void aSweepLeavesAGroupThatComesWhileItLooks() {
    String[] id = new String[1];
    keys.instances()
        .sweep(() -> {
          id[0] = issue("new", "algo-1").id();
          return Set.of(); // as they were before its row
        });
    assertThat(keys.find(id[0])).isPresent();
  }

  @Test
  void anInstanceIsToldItsKeyAndWhereThePlatformIs() {
    var credentials =
        new EmbeddedStoreCredentials(keys.instances(), host -> "http://" + host + ":7373");
    Map<String, String> told =
        credentials.issue(new InstanceName(tenant, "job", "algo-1"), "172.18.0.1", SCOPE);
    AccessKey key = issue("job", "algo-1");
    assertThat(told)
        .containsOnly(
            Map.entry("AWS_ACCESS_KEY_ID", key.id()),
            Map.entry("AWS_SECRET_ACCESS_KEY", key.secret()),
            Map.entry("AWS_REGION", "eu-central-1"),
            Map.entry("AWS_DEFAULT_REGION", "eu-central-1"),
            Map.entry("AWS_ENDPOINT_URL", "http://172.18.0.1:7373"),
            Map.entry("AWS_ENDPOINT_URL_S3", "http://172.18.0.1:7373"),
            Map.entry("S3_ENDPOINT_URL", "http://172.18.0.1:7373"),
            Map.entry("AWS_EC2_METADATA_DISABLED", "true"));
    credentials.revoke("job");
    assertThat(keys.find(key.id())).isEmpty();
  }

  @Test
  void aStoreOfTheUsersOwnGivesNoKey() {
    var credentials =
        new ExternalStoreCredentials(host -> "http://" + host + ":7373", "https://s3.example");
    Map<String, String> told =
        credentials.issue(new InstanceName(tenant, "job", "algo-1"), "172.18.0.1", SCOPE);
    assertThat(told)
        .containsEntry("AWS_REGION", "eu-central-1")
        .containsEntry("AWS_ENDPOINT_URL", "http://172.18.0.1:7373")
        .containsEntry("AWS_ENDPOINT_URL_S3", "https://s3.example")
        .containsEntry("S3_ENDPOINT_URL", "https://s3.example")
        .doesNotContainKeys("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    credentials.revoke("job");
  }

  @Test
  void secretsAreNotPrinted() {
    AccessKey key = issue("job", "algo-1");
    InstanceKey instance = keys.instances().find(key.id()).orElseThrow();
    StoreKey store = keys.storeKey(tenant.account(), key.id()).orElseThrow();
    assertThat(key.toString() + instance + store)
        .contains(key.id(), "algo-1", "train")
        .doesNotContain(key.secret());
    assertThat(StoreKey.whole("hidden").toString()).doesNotContain("hidden");
  }
}
