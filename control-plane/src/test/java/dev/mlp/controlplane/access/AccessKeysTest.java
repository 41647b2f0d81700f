package dev.mlp.controlplane.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlp.controlplane.database.Database;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityRequest;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;

class AccessKeysTest {
  private final Database database =
      Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  private final Clock clock =
      Clock.fixed(Instant.parse("2026-01-31T12:00:00.123456789Z"), ZoneOffset.UTC);

  @AfterEach
  void noConnectionLeaks() {
    assertThat(database.activeConnections()).isZero();
    database.close();
  }

  private AccessKeys open() {
    return new AccessKeys(new AccessKeyStore(database.jdbi()), clock);
  }

  @Test
  void theFirstStartMakesAnAccountAndAnAdminKey() {
    AccessKeys keys = open();
    assertThat(keys.firstAccount()).isEmpty();
    AccessKey first = keys.createFirst();
    assertThat(first.account()).matches("[1-9]\\d{11}");
    assertThat(first.id()).matches("AKIA[A-Z2-7]{16}");
    assertThat(first.secret()).matches("[A-Za-z0-9]{40}");
    assertThat(first.role()).isEqualTo(Role.ADMIN);
    assertThat(keys.secret(first.id())).contains(first.secret());
    assertThat(keys.firstAccount()).contains(first.account());
  }

  @Test
  void laterStartsFindTheSameKey() {
    AccessKey first = open().createFirst();
    AccessKeys again = open();
    assertThat(again.createFirst()).isEqualTo(first);
    assertThat(again.active()).containsExactly(first);
  }

  @Test
  void anAccountWhoseAdminKeyIsGoneGetsAnother() {
    AccessKeys keys = open();
    AccessKey first = keys.createFirst();
    keys.delete(first.id());
    AccessKey second = keys.createFirst();
    assertThat(second.account()).isEqualTo(first.account());
    assertThat(second.id()).isNotEqualTo(first.id());
  }

  @Test
  void aDeletedKeyIsUnknownAtOnceAndAfterARestart() {
    AccessKeys keys = open();
    AccessKey key = keys.create(keys.createFirst().account(), Role.INVOKER);
    assertThat(keys.find(key.id())).contains(key);
    assertThat(open().find(key.id())).contains(key);
    keys.delete(key.id());
    assertThat(keys.find(key.id())).isEmpty();
    assertThat(open().find(key.id())).isEmpty();
  }

  @Test
  void anInactiveKeyIsUnknown() {
    AccessKeys keys = open();
    AccessKey key = keys.create(keys.createFirst().account(), Role.VIEWER);
    database
        .jdbi()
        .useHandle(h ->
            h.execute(
                "UPDATE access_key SET status = 'INACTIVE' WHERE access_key_id = ?", key.id()));
    assertThat(open().secret(key.id())).isEmpty();
  }

  @Test
  void onlyKeysOfTheAccountThatMayWriteGetIntoTheObjectStore() {
    AccessKeys keys = open();
    AccessKey admin = keys.createFirst();
    String account = admin.account();
    AccessKey developer = keys.create(account, Role.DEVELOPER);
    assertThat(keys.storeKey(account, admin.id())).contains(StoreKey.whole(admin.secret()));
    assertThat(keys.storeKey(account, developer.id())).contains(StoreKey.whole(developer.secret()));
    for (Role role : List.of(Role.VIEWER, Role.INVOKER)) {
      assertThat(keys.storeKey(account, keys.create(account, role).id())).isEmpty();
    }
    database
        .jdbi()
        .useHandle(
            h -> h.execute("INSERT INTO account VALUES ('123456789012', CURRENT_TIMESTAMP)"));
    AccessKey foreign = keys.create("123456789012", Role.ADMIN);
    assertThat(keys.storeKey(account, foreign.id())).isEmpty();
    assertThat(keys.storeKey(account, "AKIAUNKNOWN")).isEmpty();
  }

  @Test
  void aSecretIsNotPrinted() {
    AccessKey key = open().createFirst();
    assertThat(key.toString()).contains(key.id()).doesNotContain(key.secret());
  }

  @Test
  void theCallerIsAUserNamedAfterItsRole() {
    Caller caller = new Caller(new Tenant("123456789012", "us-east-1"), "AKIDX", Role.DEVELOPER);
    GetCallerIdentityResponse identity =
        new IdentityOperations()
            .getCallerIdentity(caller, GetCallerIdentityRequest.builder().build());
    assertThat(identity.account()).isEqualTo("123456789012");
    assertThat(identity.userId()).isEqualTo("AKIDX");
    assertThat(identity.arn()).isEqualTo("arn:aws:iam::123456789012:user/developer");
  }

  @Test
  void anInstanceIsASessionOfARole() {
    Caller caller = new Caller(new Tenant("123456789012", "us-east-1"), "AKIDX", Role.INSTANCE);
    assertThat(caller.arn()).isEqualTo("arn:aws:sts::123456789012:assumed-role/mlp/SageMaker");
  }

  @Test
  void nobodyMakesAKeyOfAnInstanceButInstances() {
    AccessKeys keys = open();
    String account = keys.createFirst().account();
    assertThatThrownBy(() -> keys.create(account, Role.INSTANCE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
