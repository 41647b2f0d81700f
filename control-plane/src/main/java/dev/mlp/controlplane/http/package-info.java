/**
 * The one port: routing, bodies under one budget, health, metrics, and the way to the object store.
 */
@NullMarked
package dev.mlp.controlplane.http;

import org.jspecify.annotations.NullMarked;
