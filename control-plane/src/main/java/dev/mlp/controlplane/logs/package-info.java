/** Log streams as files with a side index of times, read through CloudWatch Logs' operations. */
@NullMarked
package dev.mlp.controlplane.logs;

import org.jspecify.annotations.NullMarked;
