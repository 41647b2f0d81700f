package dev.mlp.controlplane.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The one port and its limits.
 *
 * @param host to listen on, such as {@code 127.0.0.1}
 * @param instanceHosts further IP addresses, where containers reach this machine: there only
 *     requests that must be signed are answered, so that nobody but the instances gets anything
 *     from it
 * @param port 0 takes a free one; the same for all addresses
 * @param maxRequestBytes one body of an API call or an invocation; objects have no limit here
 * @param maxBodyBytes all such bodies that are in memory at one time
 * @param bodyTimeout without a byte of a body until its request is given up
 * @param idleTimeout without a byte either way until a connection is closed; longer than any model
 *     thinks
 * @param closeTimeout for what is in flight when the server closes
 */
public record FrontConfig(
    String host,
    List<String> instanceHosts,
    int port,
    long maxRequestBytes,
    long maxBodyBytes,
    Duration bodyTimeout,
    Duration idleTimeout,
    Duration closeTimeout) {
  public FrontConfig {
    instanceHosts =
        instanceHosts.stream()
            .map(address -> InetAddress.ofLiteral(address).getHostAddress())
            .toList();
    if (maxRequestBytes <= 0 || maxBodyBytes < maxRequestBytes) {
      throw new IllegalArgumentException(
          "maxBodyBytes "
              + maxBodyBytes
              + ": expected at least one request of "
              + maxRequestBytes
              + " bytes");
    }
  }

  /** SageMaker's own limit of 6 MiB per request, and 256 MiB for all. */
  public static FrontConfig of(String host, int port) {
    return new FrontConfig(
        host,
        List.of(),
        port,
        6L << 20,
        256L << 20,
        Duration.ofSeconds(30),
        Duration.ofMinutes(15),
        Duration.ofSeconds(30));
  }

  /**
   * Listens where instances see this machine, too.
   *
   * @param address such as the bridge's IP address; nothing changes where it is the host already
   */
  public FrontConfig withInstanceHost(String address) {
    if (isTheHost(address)) {
      return this;
    }
    List<String> hosts = new ArrayList<>(instanceHosts);
    hosts.add(address);
    return new FrontConfig(
        host,
        hosts.stream().distinct().toList(),
        port,
        maxRequestBytes,
        maxBodyBytes,
        bodyTimeout,
        idleTimeout,
        closeTimeout);
  }

  private boolean isTheHost(String address) {
    try {
      return InetAddress.getByName(host).equals(InetAddress.ofLiteral(address));
    } catch (UnknownHostException _) {
      return false; // listening on it will say so
    }
  }

  /** All addresses to listen on. */
  List<String> addresses() {
    List<String> addresses = new ArrayList<>();
    addresses.add(host);
    if (!listensEverywhere()) {
      addresses.addAll(instanceHosts);
    }
    return addresses;
  }

  /**
   * Whether who connects to this address of the machine is taken for an instance. A server that
   * listens everywhere serves the machine itself on the loopback.
   */
  boolean isForInstances(String localAddress) {
    return instanceHosts.contains(localAddress)
        && !(listensEverywhere() && InetAddress.ofLiteral(localAddress).isLoopbackAddress());
  }

  private boolean listensEverywhere() {
    try {
      return InetAddress.ofLiteral(host).isAnyLocalAddress();
    } catch (IllegalArgumentException _) {
      return false; // a name
    }
  }
}
