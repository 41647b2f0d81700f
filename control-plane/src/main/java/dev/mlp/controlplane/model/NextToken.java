package dev.mlp.controlplane.model;

import dev.mlp.controlplane.database.KeysetQuery;
import dev.mlp.controlplane.wire.ApiException;
import dev.mlp.controlplane.wire.PageToken;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The NextToken of the hosting lists. */
public final class NextToken {
  private NextToken() {}

  /**
   * The query behind the page whose token it is; from the start for none.
   *
   * @throws ApiException VALIDATION for a token of another list or order
   */
  public static KeysetQuery goOn(KeysetQuery query, @Nullable String token) {
    if (token == null) {
      return query;
    }
    try {
      return query.behind(Optional.of(PageToken.decode(token).position()));
    } catch (IllegalArgumentException _) {
      throw ApiException.validation(
          "Invalid NextToken: expected the token of the answer before, with the same parameters.");
    }
  }

  /** The token of the page that follows; null on the last one. */
  public static @Nullable String of(KeysetQuery.Page<?> page) {
    return page.next().map(position -> new PageToken(position).encode()).orElse(null);
  }
}
