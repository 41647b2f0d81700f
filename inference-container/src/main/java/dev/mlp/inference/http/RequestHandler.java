package dev.mlp.inference.http;

import dev.mlp.inference.model.Model;
import dev.mlp.inference.predict.PredictCall;
import dev.mlp.inference.tensorflow.StatusCode;
import dev.mlp.inference.tensorflow.StatusException;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Routes requests. One serves all event loops; it holds no state of its own. */
final class RequestHandler implements Handler<HttpServerRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);
  private static final CharSequence CLOSE = HttpHeaders.createOptimized("close");

  private final ModelSlot slot;
  private final InvocationsApi invocations;
  private final PredictionThreads threads;
  private final int bodyLimit;
  private final BodyBudget budget;
  private final Drain drain;
  private final Context context;

  RequestHandler(
      ModelSlot slot,
      PredictionThreads threads,
      int bodyLimit,
      BodyBudget budget,
      Drain drain,
      Context context) {
    this.slot = slot;
    this.invocations = new InvocationsApi(slot);
    this.threads = threads;
    this.bodyLimit = bodyLimit;
    this.budget = budget;
    this.drain = drain;
    this.context = context;
  }

  @Override
  public void handle(HttpServerRequest request) {
    drain.begin();
    try {
      route(request);
    } catch (StatusException e) {
      respond(request, Answer.error(e));
    } catch (UnsupportedMediaType e) {
      respond(request, Answer.error(415, String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      LOG.error("A request failed", e);
      respond(request, Answer.error(StatusCode.INTERNAL.httpStatus(), "Internal error: " + e));
    }
  }

  private void route(HttpServerRequest request) {
    String path = String.valueOf(request.path());
    HttpMethod method = request.method();
    if (path.equals("/invocations")) {
      if (method.equals(HttpMethod.POST)) {
        InvocationsApi.Invocation invocation = invocations.prepare(request);
        predict(request, invocation.model(), body -> invocations.answer(invocation, body));
      } else {
        respond(request, Answer.error(405, "Method Not Allowed: use POST for /invocations"));
      }
    } else if (path.equals("/ping")) {
      respond(request, Answer.empty(slot.isFilled() && !drain.isDraining() ? 200 : 503));
    } else if (path.regionMatches(true, 0, ServingPath.PREFIX, 0, ServingPath.PREFIX.length())) {
      serving(request, method, path);
    } else {
      respond(request, Answer.error(404, "Not Found: " + method + " " + path));
    }
  }

  private void serving(HttpServerRequest request, HttpMethod method, String path) {
    if (method.equals(HttpMethod.POST)) {
      ServingPath target = ServingPath.ofPost(path).orElseThrow(() -> malformed(method, path));
      requireNoLabel(target);
      InvocationsApi.requirePredict(target.verb());
      Model model = slot.get().find(target.model(), target.version());
      predict(
          request,
          model,
          body -> Answer.json(PredictCall.onThisThread().predict(model, body, true)));
    } else if (method.equals(HttpMethod.GET)) {
      ServingPath target = ServingPath.ofGet(path).orElseThrow(() -> malformed(method, path));
      if (target.model().isEmpty()) {
        throw StatusException.invalidArgument("Missing model name in request.");
      }
      requireNoLabel(target);
      respond(
          request,
          target.verb().isEmpty()
              ? ModelDescriptions.status(slot.get().versions(target.model(), target.version()))
              : ModelDescriptions.metadata(slot.get().find(target.model(), target.version())));
    } else {
      throw malformed(method, path);
    }
  }

  private static void requireNoLabel(ServingPath target) {
    if (!target.label().isEmpty()) {
      throw StatusException.invalidArgument(
          "Unrecognized servable version label: " + target.label());
    }
  }

  private static StatusException malformed(HttpMethod method, String path) {
    return StatusException.invalidArgument("Malformed request: " + method + " " + path);
  }

  private void predict(HttpServerRequest request, Model model, Function<byte[], Answer> answering) {
    RequestBody.read(
        request,
        bodyLimit,
        budget,
        body ->
            threads.execute(
                context,
                model.recentRunNanos(),
                body.bytes().length,
                () -> answer(body, answering),
                answer -> respond(request, answer)),
        refusal -> {
          // The rest of the body is not read: the connection cannot be used again.
          request.response().putHeader(HttpHeaders.CONNECTION, CLOSE);
          respond(request, refusal);
        },
        drain::end);
  }

  private static Answer answer(RequestBody body, Function<byte[], Answer> answering) {
    try {
      return answering.apply(body.bytes());
    } catch (StatusException e) {
      return Answer.error(e);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      LOG.error("A prediction failed", e);
      return Answer.error(StatusCode.INTERNAL.httpStatus(), "Internal error: " + e);
    } finally {
      body.release();
    }
  }

  private void respond(HttpServerRequest request, Answer answer) {
    HttpServerResponse response = request.response();
    if (!response.closed()) {
      response.setStatusCode(answer.status());
      if (!answer.contentType().isEmpty()) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, answer.contentType());
      }
      if (drain.isDraining()) {
        response.putHeader(HttpHeaders.CONNECTION, CLOSE);
      }
      response.end(answer.body()).onComplete(_ -> drain.end());
    } else {
      drain.end();
    }
  }
}
