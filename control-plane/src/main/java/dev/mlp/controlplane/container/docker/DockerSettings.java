package dev.mlp.controlplane.container.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.util.Map;
import java.util.Optional;

/**
 * How the engine is reached and used. Where it is comes from {@code DOCKER_HOST}, {@code
 * DOCKER_TLS_VERIFY} and {@code DOCKER_CERT_PATH}, unless given here.
 *
 * @param host such as {@code unix:///var/run/docker.sock} or {@code tcp://engine:2376}
 * @param pull whether images that the engine does not have are pulled
 * @param credentials by registry, such as {@code registry.example.com:5000} or {@code docker.io};
 *     those of {@code ~/.docker/config.json} hold for all others
 * @param platformHost where instances reach this machine; empty to find out
 * @param publishAddress where serving ports of an engine on another machine are published and
 *     reached; an engine of this machine publishes on 127.0.0.1
 * @param inputs how inputs reach containers
 * @param init whether a minimal init is the first process of each container: it hands signals on (a
 *     program with process number 1 ignores those that it does not handle) and reaps what is left
 *     behind. Off only for images that bring an init that insists on number 1.
 * @param pidsLimit of processes and threads per container
 */
public record DockerSettings(
    Optional<String> host,
    Pull pull,
    Map<String, RegistryCredentials> credentials,
    Optional<String> platformHost,
    Optional<String> publishAddress,
    Inputs inputs,
    boolean init,
    long pidsLimit) {
  /** When images are pulled. */
  public enum Pull {
    /** When the engine does not have them. */
    MISSING,
    /** Never: only what the engine has can run. */
    NEVER
  }

  /** How inputs reach containers. */
  public enum Inputs {
    /** Without copying where that can be, else copied. */
    AUTO,
    /** Always copied. */
    COPIED
  }

  /** What a registry asks for. */
  public record RegistryCredentials(String user, String password) {
    @Override
    public String toString() {
      return "RegistryCredentials[user=" + user + ", password=***]";
    }
  }

  public DockerSettings {
    credentials = Map.copyOf(credentials);
    if (pidsLimit < 1) {
      throw new IllegalArgumentException("pids limit " + pidsLimit + ": expected at least 1");
    }
  }

  /** What holds where nothing is configured. */
  public static DockerSettings defaults() {
    return new DockerSettings(
        Optional.empty(),
        Pull.MISSING,
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Inputs.AUTO,
        true,
        4096);
  }

  public DockerSettings withPull(Pull value) {
    return new DockerSettings(
        host, value, credentials, platformHost, publishAddress, inputs, init, pidsLimit);
  }

  public DockerSettings withInputs(Inputs value) {
    return new DockerSettings(
        host, pull, credentials, platformHost, publishAddress, value, init, pidsLimit);
  }

  public DockerSettings withHost(String value) {
    return new DockerSettings(
        Optional.of(value),
        pull,
        credentials,
        platformHost,
        publishAddress,
        inputs,
        init,
        pidsLimit);
  }

  public DockerSettings withCredentials(Map<String, RegistryCredentials> value) {
    return new DockerSettings(
        host, pull, value, platformHost, publishAddress, inputs, init, pidsLimit);
  }

  public DockerSettings withPidsLimit(long value) {
    return new DockerSettings(
        host, pull, credentials, platformHost, publishAddress, inputs, init, value);
  }

  /** A client without a limit on the time of an answer: builds are silent for minutes. */
  public DockerClient client() {
    DockerClientConfig config = clientConfig();
    return DockerClientImpl.getInstance(
        config,
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(config.getDockerHost())
            .sslConfig(config.getSSLConfig())
            .build());
  }

  /**
   * As docker-java reads it from here and the environment.
   *
   * @throws RuntimeException where the environment is wrong, such as a folder without certificates
   */
  DockerClientConfig clientConfig() {
    DefaultDockerClientConfig.Builder builder =
        DefaultDockerClientConfig.createDefaultConfigBuilder();
    host.ifPresent(builder::withDockerHost);
    DockerClientConfig config = builder.build();
    if (config.getDockerHost().getScheme() == null) {
      throw new IllegalArgumentException(
          "the engine's address '"
              + config.getDockerHost()
              + "' must be one like unix:///var/run/docker.sock or tcp://10.0.0.5:2376");
    }
    return config;
  }
}
