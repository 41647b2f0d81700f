/** SQL plumbing: the pool, the migrations, transactions. */
@NullMarked
package dev.mlp.controlplane.database;

import org.jspecify.annotations.NullMarked;
