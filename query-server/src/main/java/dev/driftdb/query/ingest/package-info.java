/**
 * The SQL side of ingest: which tables take events, and what an event does to a table's rows. The
 * Kafka side is {@link dev.driftdb.ingest.events}.
 */
@NullMarked
package dev.driftdb.query.ingest;

import org.jspecify.annotations.NullMarked;
