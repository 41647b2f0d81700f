package dev.mlp.controlplane.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoleTest {
  @ParameterizedTest
  @CsvSource({
    // operation, ADMIN, DEVELOPER, VIEWER, INVOKER; an instance's key may only say whose it is
    "CreateTrainingJob, true, true, false, false",
    "StopTrainingJob, true, true, false, false",
    "DeleteEndpoint, true, true, false, false",
    "DescribeTrainingJob, true, true, true, false",
    "ListEndpoints, true, true, true, false",
    "GetLogEvents, true, true, true, false",
    "InvokeEndpoint, true, true, false, true",
    "GetCallerIdentity, true, true, true, true",
    "SomethingNew, true, true, false, false"
  })
  void mayDoWhatItsNameSays(
      String operation, boolean admin, boolean developer, boolean viewer, boolean invoker) {
    Permission permission = Permission.of(operation);
    assertThat(Role.ADMIN.may(permission)).isEqualTo(admin);
    assertThat(Role.DEVELOPER.may(permission)).isEqualTo(developer);
    assertThat(Role.VIEWER.may(permission)).isEqualTo(viewer);
    assertThat(Role.INVOKER.may(permission)).isEqualTo(invoker);
    assertThat(Role.INSTANCE.may(permission)).isEqualTo(operation.equals("GetCallerIdentity"));
  }
}
