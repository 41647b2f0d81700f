package dev.mlp.controlplane.container.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlp.controlplane.container.InstanceGroupSpec;
import dev.mlp.controlplane.container.MemberSpec;
import java.net.InetAddress;
import java.net.NetworkInterface;
import org.junit.jupiter.api.Test;

/** Whom an instance reaches, and who reaches it. */
final class DockerNetworkTest extends DockerTest {

  @Test
  void instancesDoNotReachEachOther() throws Exception {
    InstanceGroupSpec server = serving("server", false);
    String other =
        inspect(server)
            .getNetworkSettings()
            .getNetworks()
            .values()
            .iterator()
            .next()
            .getIpAddress();
    String seen =
        printed(
            "client",
            "timeout 2 wget -q -O - http://"
                + other
                + ":8080/ >/dev/null 2>&1 || echo unreachable");
    assertThat(seen.lines()).containsExactly("unreachable");
  }

  @Test
  void aServingPortIsPublishedOnTheLoopbackAlone() throws Exception {
    InstanceGroupSpec spec = serving("loopback", false);
    String address = observe(spec).address().orElseThrow();
    assertThat(address).startsWith("127.0.0.1:");
    int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
    for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
      for (InetAddress own : network.inetAddresses().toList()) {
        if (!own.isLoopbackAddress() && own instanceof java.net.Inet4Address) {
          assertThat(answers(own.getHostAddress() + ":" + port)).isFalse();
        }
      }
    }
  }

  @Test
  void membersOfOneGroupReachEachOtherByNameAndTheMachine() throws Exception {
    assertThat(log(pair("pair", false)).lines())
        .containsExactly("pong", "gateway reached", "platform reached");
  }

  @Test
  void membersOfAnIsolatedGroupReachEachOtherAndNothingElse() throws Exception {
    assertThat(log(pair("isolated-pair", true)).lines())
        .contains("pong", "gateway out of reach", "platform out of reach")
        .doesNotContain("gateway reached", "platform reached");
  }

  /** Something that refuses a connection was reached. */
  private InstanceGroupSpec pair(String name, boolean isolated) throws Exception {
    MemberSpec first =
        member(name, "test-image")
            .script(
                "reach() { timeout 2 wget -O - http://$2:9/ 2>&1 | grep -q refused && echo $1"
                    + " reached || echo $1 out of reach; };"
                    + " until wget -q -O - http://algo-2:9000/ 2>/dev/null; do sleep 0.1; done;"
                    + " reach gateway $(ip route | awk '/default/ {print $3}');"
                    + " reach platform "
                    + runtime.platformHost())
            .build("algo-1");
    MemberSpec second =
        member(name, "test-image")
            .script("mkdir /www; echo pong > /www/index.html; exec httpd -f -h /www -p 9000")
            .build("algo-2");
    InstanceGroupSpec spec = start(name, isolated, first, second);
    awaitEnd(spec);
    return spec;
  }

  @Test
  void anIsolatedInstanceHasNoNetworkButItsName() throws Exception {
    InstanceGroupSpec spec =
        start(
            "alone",
            true,
            member("alone", "test-image")
                .script(
                    "wget -O - http://algo-1:9/ 2>&1 | grep -q refused && echo resolves; ip -o link | wc -l")
                .build("algo-1"));
    assertThat(exit(spec).code()).isZero();
    assertThat(log(spec).lines()).containsExactly("resolves", "1");
  }

  @Test
  void anIsolatedInstanceCanServe() throws Exception {
    InstanceGroupSpec spec = serving("isolated-server", true);
    assertThat(observe(spec).address().orElseThrow()).doesNotStartWith("127.0.0.1");
    assertThat(inspect(spec).getNetworkSettings().getPorts().getBindings().values())
        .allMatch(bindings -> bindings == null || bindings.length == 0);
  }
}
