/** What Quartz holds: schedules of users and of retention. */
@NullMarked
package dev.mlp.controlplane.schedule;

import org.jspecify.annotations.NullMarked;
