/**
 * A real Kafka broker inside this process, for a server that was given no cluster and for tests.
 * The only package that touches Kafka's server classes, which are not a public API.
 */
@NullMarked
package dev.driftdb.ingest.broker;

import org.jspecify.annotations.NullMarked;
