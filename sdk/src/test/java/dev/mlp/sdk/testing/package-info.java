/** A stand-in for the platform, for the tests of the SDK and of everything built on it. */
@NullMarked
package dev.mlp.sdk.testing;

import org.jspecify.annotations.NullMarked;
