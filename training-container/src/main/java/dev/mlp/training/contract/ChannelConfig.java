package dev.mlp.training.contract;

import org.jspecify.annotations.Nullable;

/**
 * One channel, as {@code inputdataconfig.json} tells a program about it. Values are the wire's:
 * {@code File}, {@code FullyReplicated}, {@code None}.
 *
 * @param contentType left out of the file when absent
 */
public record ChannelConfig(
    String name,
    String trainingInputMode,
    String s3DistributionType,
    String recordWrapperType,
    @Nullable String contentType) {}
