package dev.mlp.cli;

import dev.mlp.sdk.EndpointFailedException;
import dev.mlp.sdk.InvalidRequestException;
import dev.mlp.sdk.PredictionException;
import dev.mlp.sdk.TrainingJobFailedException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParameterException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** An error in one line, with what to do about it, and the exit code that goes with it. */
record ErrorText(String line, int exitCode) {
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int INTERRUPTED = 130;

  private static final Set<String> BAD_KEYS =
      Set.of(
          "UnrecognizedClientException",
          "InvalidSignatureException",
          "InvalidClientTokenId",
          "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "MissingAuthenticationTokenException");

  static ErrorText of(Throwable error) {
    return new ErrorText(oneLine(message(error)), code(error));
  }

  private static int code(Throwable error) {
    return error instanceof InvalidRequestException || error instanceof ParameterException
        ? USAGE
        : FAILED;
  }

  private static String message(Throwable error) {
    return switch (error) {
      case TrainingJobFailedException e ->
          e.getMessage() + "; its log: mlp jobs logs " + e.jobName();
      case EndpointFailedException e ->
          e.getMessage()
              + "; its log: mlp endpoints logs "
              + e.endpointName()
              + "; remove it: mlp endpoints delete "
              + e.endpointName();
      // Without a status there was no answer, and the text is the platform's.
      case PredictionException.ModelFailed e when e.status() == 0 -> modelError(e.answer());
      case PredictionException.ModelFailed e ->
          "the model answered " + e.status() + ": " + modelError(e.answer());
      case AwsServiceException e -> service(e);
      case SdkClientException e -> client(e);
      default -> plain(error);
    };
  }

  private static String plain(Throwable error) {
    String message = error.getMessage();
    return message == null || message.isBlank()
        ? error.getClass().getSimpleName() + " (--debug shows where)"
        : message;
  }

  /** The text of {@code {"error": "…"}}, which model servers answer; else the answer itself. */
  private static String modelError(String answer) {
    try {
      return Tree.json(answer, "the answer") instanceof Map<?, ?> map
              && map.get("error") instanceof String text
              && !text.isBlank()
          ? text
          : answer;
    } catch (CommandFailure e) {
      return answer;
    }
  }

  private static String service(AwsServiceException e) {
    if (e.awsErrorDetails() == null || e.awsErrorDetails().errorMessage() == null) {
      return "the server answered " + e.statusCode() + " without saying why; its log may";
    }
    String message = e.awsErrorDetails().errorMessage();
    String code = String.valueOf(e.awsErrorDetails().errorCode());
    return BAD_KEYS.contains(code)
        ? message + ": these are not the server's keys; set them with eval \"$(mlp env)\""
        : message;
  }

  private static String client(SdkClientException e) {
    @Nullable Throwable cause = e;
    while (cause != null) {
      if (cause instanceof ConnectException || cause instanceof UnknownHostException) {
        return "cannot reach the server ("
            + cause.getMessage()
            + "): is 'mlp server' running? AWS_ENDPOINT_URL or --data-dir says where";
      }
      cause = cause.getCause();
    }
    if (String.valueOf(e.getMessage()).startsWith("Unable to load credentials")) {
      return "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: set them with eval \"$(mlp env)\"";
    }
    return e.getCause() instanceof IOException io ? plain(io) : plain(e);
  }

  private static String oneLine(String text) {
    return String.join(" | ", text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList());
  }
}
