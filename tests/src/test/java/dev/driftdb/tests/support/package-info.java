/**
 * What the tests share: one running node, connections to it, psql, and a node in a process of its
 * own.
 */
@NullMarked
package dev.driftdb.tests.support;

import org.jspecify.annotations.NullMarked;
