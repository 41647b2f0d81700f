package dev.mlp.controlplane.access;

/** What an operation asks of its caller's role. */
public enum Permission {
  /** Says who is calling; every key may. */
  IDENTITY,
  /** Looks and changes nothing. */
  READ,
  /** Creates, changes, stops or deletes. */
  WRITE,
  /** Asks an endpoint for a prediction. */
  INVOKE;

  /** By AWS's own convention for the names of operations; a name of no known kind is a change. */
  public static Permission of(String operation) {
    if (operation.equals("GetCallerIdentity")) {
      return IDENTITY;
    }
    if (operation.startsWith("InvokeEndpoint")) {
      return INVOKE;
    }
    return operation.startsWith("Describe")
            || operation.startsWith("List")
            || operation.startsWith("Get")
        ? READ
        : WRITE;
  }
}
