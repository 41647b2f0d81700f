package dev.mlp.controlplane.schedule;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.quartz.DisallowConcurrentExecution;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.impl.jdbcjobstore.JobStoreTX;
import org.quartz.impl.jdbcjobstore.StdJDBCDelegate;
import org.quartz.simpl.SimpleThreadPool;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Schedules that outlive the server, held by Quartz in the same database. Each one calls one method
 * by name; what has to happen every second runs on a plain executor instead.
 */
public final class Schedules implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(Schedules.class);
  private static final String POOL = "mlp";

  private final Map<String, Runnable> tasks = new ConcurrentHashMap<>();
  private final Scheduler scheduler;

  /** Makes the scheduler; nothing fires before {@link #start}. */
  public Schedules(DataSource database) {
    DBConnectionManager.getInstance().addConnectionProvider(POOL, new Pool(database));
    Properties settings = new Properties();
    settings.setProperty("org.quartz.scheduler.instanceName", "mlp");
    settings.setProperty("org.quartz.scheduler.instanceId", "AUTO");
    settings.setProperty("org.quartz.scheduler.skipUpdateCheck", "true");
    settings.setProperty("org.quartz.threadPool.class", SimpleThreadPool.class.getName());
    settings.setProperty("org.quartz.threadPool.threadCount", "2");
    settings.setProperty("org.quartz.threadPool.makeThreadsDaemons", "true");
    settings.setProperty("org.quartz.jobStore.class", JobStoreTX.class.getName());
    settings.setProperty(
        "org.quartz.jobStore.driverDelegateClass", StdJDBCDelegate.class.getName());
    settings.setProperty("org.quartz.jobStore.dataSource", POOL);
    settings.setProperty("org.quartz.jobStore.useProperties", "true");
    settings.setProperty("org.quartz.jobStore.misfireThreshold", "60000");
    try {
      scheduler = new StdSchedulerFactory(settings).getScheduler();
      scheduler.setJobFactory((bundle, _) -> new Task(bundle.getJobDetail(), tasks));
    } catch (SchedulerException e) {
      throw new IllegalStateException("cannot set up the scheduler", e);
    }
  }

  /**
   * Calls the task at this interval from now on, also after restarts; what fell due while the
   * server was down is made up for once. Replaces a schedule of the same name.
   */
  public void every(String name, Duration interval, Runnable task) {
    tasks.put(name, task);
    JobDetail job = JobBuilder.newJob(Task.class).withIdentity(name).storeDurably().build();
    Trigger trigger =
        TriggerBuilder.newTrigger()
            .withIdentity(name)
            .forJob(job)
            .startAt(java.util.Date.from(java.time.Instant.now().plus(interval)))
            .withSchedule(
                SimpleScheduleBuilder.simpleSchedule()
                    .withIntervalInMilliseconds(interval.toMillis())
                    .withMisfireHandlingInstructionNowWithRemainingCount()
                    .repeatForever())
            .build();
    try {
      scheduler.scheduleJob(job, Set.of(trigger), true);
    } catch (SchedulerException e) {
      throw new IllegalStateException("cannot schedule " + name, e);
    }
  }

  /** Begins to fire. */
  public void start() {
    try {
      scheduler.start();
    } catch (SchedulerException e) {
      throw new IllegalStateException("cannot start the scheduler", e);
    }
  }

  /** Fires no more, and waits for what runs. */
  @Override
  public void close() {
    try {
      scheduler.shutdown(true);
    } catch (SchedulerException e) {
      logger.warn("the scheduler did not shut down cleanly", e);
    }
  }

  /** What Quartz runs: the task of the job's name. */
  @DisallowConcurrentExecution
  static final class Task implements Job {
    private final String name;
    private final Map<String, Runnable> tasks;

    Task(JobDetail job, Map<String, Runnable> tasks) {
      this.name = job.getKey().getName();
      this.tasks = tasks;
    }

    @Override
    public void execute(JobExecutionContext context) {
      Runnable task = tasks.get(name);
      if (task == null) {
        logger.warn("schedule {} names no task of this version", name);
        return;
      }
      try {
        task.run();
      } catch (RuntimeException e) {
        logger.warn("schedule {} failed; it is tried again at its next time", name, e);
      }
    }
  }

  /** Quartz's connections come from the pool that everything else uses. */
  private record Pool(DataSource database) implements ConnectionProvider {
    @Override
    public Connection getConnection() throws SQLException {
      return database.getConnection();
    }

    @Override
    public void shutdown() {
      // The pool's owner closes it.
    }

    @Override
    public void initialize() {
      // It is open already.
    }
  }
}
