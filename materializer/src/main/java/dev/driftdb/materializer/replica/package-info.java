/** One node's full fold of the log: a Kafka Streams global store that resolves and applies. */
@NullMarked
package dev.driftdb.materializer.replica;

import org.jspecify.annotations.NullMarked;
