package dev.mlp.controlplane.logs;

import java.time.Instant;

/**
 * One line, or one piece of a very long one.
 *
 * @param offset where it starts in its stream, in bytes
 * @param end where the next one starts
 * @param time when it was seen to be written, in milliseconds; never changes once given
 * @param message without the line break; bytes that are no UTF-8 are replaced
 */
public record LogEvent(long offset, long end, Instant time, String message) {}
