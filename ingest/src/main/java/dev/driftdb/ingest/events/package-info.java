/**
 * Rows that other services write to Kafka: {@code driftdb.<db>.<schema>.<table>.events} becomes
 * transaction entries of the log, and what cannot be applied goes to the dead letter topic.
 *
 * <p>This is a plain consumer group with static membership and no Kafka Streams topology. Streams
 * commits the position of every record that was handed to a processor, so waiting for outcomes
 * would mean one record at a time over all partitions; here every partition has one under way, and
 * a position is committed when the outcome is known. Nothing else of Streams would be used: the
 * state is in the log, and the log drops duplicates by source position.
 */
@NullMarked
package dev.driftdb.ingest.events;

import org.jspecify.annotations.NullMarked;
