package dev.mlp.inference.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteStatus;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_GetCode;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_Message;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NewStatus;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_OK;

import org.tensorflow.internal.c_api.TF_Status;

/** Where TensorFlow's C functions leave their result. */
final class Status implements AutoCloseable {
  private final TF_Status handle = TF_NewStatus();

  TF_Status handle() {
    return handle;
  }

  void throwIfNotOk() {
    int code = TF_GetCode(handle);
    if (code != TF_OK) {
      throw new StatusException(StatusCode.of(code), TF_Message(handle).getString());
    }
  }

  @Override
  public void close() {
    TF_DeleteStatus(handle);
  }
}
