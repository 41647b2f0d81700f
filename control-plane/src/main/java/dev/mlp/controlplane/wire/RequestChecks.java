package dev.mlp.controlplane.wire;

import java.util.List;
import java.util.function.Predicate;
import software.amazon.awssdk.core.SdkPojo;

/**
 * What every request is held against before an operation sees it: the members that there are, the
 * constraints of the service model, and the table of fields. Every problem is reported at once.
 */
public final class RequestChecks {
  private final Constraints constraints;
  private final FieldTable fields;
  private final Predicate<String> instanceTypes;

  /**
   * @param instanceTypes whether the catalogue has an instance type of this name
   */
  public RequestChecks(Predicate<String> instanceTypes) {
    this.constraints = Constraints.load();
    this.fields = FieldTable.load();
    this.instanceTypes = instanceTypes;
  }

  /**
   * @throws ApiException of the service's code for invalid input, with every problem
   */
  void check(
      Service service, String operation, SdkPojo request, List<WireCodec.UnknownMember> unknown) {
    Problems problems = new Problems();
    unknown.forEach(member -> problems.addUnknown(member, operation));
    new ConstraintWalker(constraints.model(service), instanceTypes, problems)
        .walk(operation, request);
    fields.check(operation, request, problems);
    problems.throwIfAny(service.invalidInput());
  }

  /** Whether the tables know the operation. */
  boolean knows(Service service, String operation) {
    return constraints.model(service).operations().containsKey(operation)
        && fields.operations().containsKey(operation);
  }
}
