package dev.mlp.sdk;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.services.sagemaker.model.DescribeTrainingJobResponse;
import software.amazon.awssdk.services.sagemaker.model.ModelArtifacts;
import software.amazon.awssdk.services.sagemaker.model.SecondaryStatusTransition;
import software.amazon.awssdk.services.sagemaker.model.TrainingJobStatus;

/** A training job on the platform, running or ended. Holds nothing but its name. */
public final class TrainingJob {
  private final Session session;
  private final String name;

  private TrainingJob(Session session, String name) {
    this.session = session;
    this.name = name;
  }

  /** The job of that name; whether it exists shows at the first call. */
  public static TrainingJob attach(Session session, String name) {
    return new TrainingJob(session, name);
  }

  /** The job's name. */
  public String name() {
    return name;
  }

  /** All the platform tells about the job. */
  public DescribeTrainingJobResponse describe() {
    return session.sageMaker().describeTrainingJob(request -> request.trainingJobName(name));
  }

  /** Asks the platform to stop the job; it gets 120 s to end by itself. Returns at once. */
  public void stop() {
    session.sageMaker().stopTrainingJob(request -> request.trainingJobName(name));
  }

  /** Where model.tar.gz is, once there is one. */
  public Optional<S3Uri> modelArtifacts() {
    return Optional.ofNullable(describe().modelArtifacts())
        .map(ModelArtifacts::s3ModelArtifacts)
        .map(S3Uri::parse);
  }

  /** Whether a job of this status will never change again. */
  public static boolean isEnded(DescribeTrainingJobResponse job) {
    TrainingJobStatus status = job.trainingJobStatus();
    return status == TrainingJobStatus.COMPLETED
        || status == TrainingJobStatus.FAILED
        || status == TrainingJobStatus.STOPPED;
  }

  /**
   * Waits until the job has ended, however it ends; the listener hears each change and each line
   * once.
   *
   * @throws WaitInterruptedException if the thread is interrupted; the job goes on
   */
  public DescribeTrainingJobResponse await(TrainingListener listener) {
    Pacing.Waiting waiting = session.pacing().start("training job " + name);
    LogFollower logs = LogFollower.ofTrainingJob(session, name);
    Transitions transitions = new Transitions();
    while (true) {
      DescribeTrainingJobResponse job = describe();
      transitions.report(job.secondaryStatusTransitions(), listener);
      logs.poll(listener::log);
      if (isEnded(job)) {
        drain(logs, listener);
        return job;
      }
      waiting.pause();
    }
  }

  /**
   * Deploys the job's model and waits until it answers.
   *
   * @throws InvalidRequestException if the job has left no model
   */
  public Predictor deploy(int instanceCount, String instanceType) {
    return model().deploy(instanceCount, instanceType);
  }

  /** The job's model, to be served by the session's inference image. */
  public Model model() {
    S3Uri artifacts =
        modelArtifacts()
            .orElseThrow(
                () -> new InvalidRequestException("training job " + name + " has left no model"));
    return Model.builder().session(session).modelData(artifacts).baseName(name).build();
  }

  private void drain(LogFollower logs, TrainingListener listener) {
    Duration delay = session.logDelay();
    Pacing.Waiting waiting = session.pacing().start("the log of training job " + name);
    while (waiting.elapsed().compareTo(delay) < 0) {
      waiting.pause();
      logs.poll(listener::log);
    }
  }

  /** Which transitions were told; the last one's message may still change. */
  private static final class Transitions {
    private int told;
    private String last = "";

    void report(List<SecondaryStatusTransition> transitions, TrainingListener listener) {
      for (int i = Math.max(0, told - 1); i < transitions.size(); i++) {
        SecondaryStatusTransition each = transitions.get(i);
        String message = each.statusMessage() == null ? "" : each.statusMessage();
        String text = each.statusAsString() + message;
        if (i >= told || !text.equals(last)) {
          listener.status(each.statusAsString(), message);
        }
        last = text;
      }
      told = transitions.size();
    }
  }
}
