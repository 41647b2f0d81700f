package dev.mlp.controlplane.invocation;

import java.util.List;

/**
 * What the gateway knows of one endpoint: an immutable snapshot. A later one carries a higher
 * version and replaces an earlier one whole; one that arrives late is dropped.
 */
public sealed interface EndpointRoute {
  EndpointKey key();

  long version();

  /** It takes requests. A variant without instances takes none until it has some again. */
  record Serving(EndpointKey key, long version, List<VariantRoute> variants)
      implements EndpointRoute {
    public Serving {
      variants = List.copyOf(variants);
    }
  }

  /**
   * It exists and takes no requests.
   *
   * @param status as DescribeEndpoint shows it, such as {@code Creating}
   */
  record Closed(EndpointKey key, long version, String status) implements EndpointRoute {}
}
