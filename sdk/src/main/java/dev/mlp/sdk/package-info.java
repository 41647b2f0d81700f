/**
 * Training jobs, models and endpoints from Java, on the AWS SDK for Java v2. The same program runs
 * against an mlp server and against AWS: only the environment ({@code AWS_ENDPOINT_URL} and its
 * companions) decides.
 *
 * <p>Start with {@link dev.mlp.sdk.Session} and {@link dev.mlp.sdk.Estimator}.
 */
@NullMarked
package dev.mlp.sdk;

import org.jspecify.annotations.NullMarked;
