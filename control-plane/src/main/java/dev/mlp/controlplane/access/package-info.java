/** Accounts, access keys, roles and who is calling. */
@NullMarked
package dev.mlp.controlplane.access;

import org.jspecify.annotations.NullMarked;
