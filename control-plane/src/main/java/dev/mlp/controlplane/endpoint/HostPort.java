package dev.mlp.controlplane.endpoint;

/** An address as runtimes give it. */
record HostPort(String host, int port) {
  /** Reads {@code host:port}. */
  static HostPort parse(String address) {
    int colon = address.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("address '" + address + "': expected host:port");
    }
    return new HostPort(
        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
  }
}
