package dev.driftdb.ingest.events;

import dev.driftdb.schemas.log.LogRecord.SourcePosition;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import java.util.UUID;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes one event into a transaction, as the state of this moment demands: defaults, constraints
 * and keys need SQL, which is not ingest's. Called from one thread.
 */
@FunctionalInterface
public interface EventToTransaction {
    /**
     * A value is a row to insert or, where its key exists, to update in the columns it has fields
     * for; no value means to delete the row of the key.
     *
     * @param transactionId the id that the entry must have
     * @param source goes into the entry's metadata (origin "ingest"), so that a repeated event has
     *     no effect
     */
    Result convert(
            String schema,
            String table,
            UUID transactionId,
            SourcePosition source,
            @Nullable GenericRecord key,
            @Nullable GenericRecord value);

    /** What an event is. */
    sealed interface Result {
        /**
         * To be appended; its preconditions tell whether the state is still the one it was made
         * for.
         */
        record Entry(TransactionEntry entry) implements Result {}

        /** Can never be applied as it is. */
        record Refused(String sqlState, String reason) implements Result {}

        /** Changes nothing, such as the deletion of a row that is not there. */
        record Nothing() implements Result {}
    }
}
