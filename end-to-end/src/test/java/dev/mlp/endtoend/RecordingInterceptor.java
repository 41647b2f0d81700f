package dev.mlp.endtoend;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Keeps every request that an AWS client of this JVM sends; registered for all clients. */
public final class RecordingInterceptor implements ExecutionInterceptor {
  private static final List<SdkRequest> SENT = new CopyOnWriteArrayList<>();

  static List<SdkRequest> sent() {
    return List.copyOf(SENT);
  }

  @Override
  public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
    SENT.add(context.request());
  }
}
