package dev.driftdb.schemas.log;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One record of the log topic. Its Kafka key is the 16 bytes of the transaction id. */
public sealed interface LogRecord {
    UUID id();

    /**
     * A whole transaction, or the end of a chunked one.
     *
     * @param chunkCount how many {@link Chunk}s with the same id came before; their preconditions
     *     and changes come first, in the order of their numbers
     */
    record TransactionEntry(
            UUID id,
            Metadata metadata,
            List<Precondition> preconditions,
            List<Change> changes,
            int chunkCount)
            implements LogRecord {
        public TransactionEntry {
            preconditions = List.copyOf(preconditions);
            changes = List.copyOf(changes);
        }
    }

    /**
     * A part of a transaction too large for one record; without effect until its entry comes.
     *
     * @param number from 0, without a gap
     * @param preconditions checked at the place of the entry, like the entry's own
     */
    record Chunk(UUID id, int number, List<Precondition> preconditions, List<Change> changes)
            implements LogRecord {
        public Chunk {
            preconditions = List.copyOf(preconditions);
            changes = List.copyOf(changes);
        }
    }

    /**
     * Who wrote an entry, and from where.
     *
     * @param origin "sql" or "ingest"
     * @param user the role's name
     * @param application application_name of the session
     * @param tag the command tags of its statements ("INSERT", "CREATE TABLE")
     * @param source the ingested record that it came from, null for SQL
     */
    record Metadata(
            String origin,
            String user,
            String application,
            String tag,
            @Nullable SourcePosition source) {}

    /** The position of an ingested record; an entry whose position is not new has no effect. */
    record SourcePosition(String topic, int partition, long offset) {}
}
