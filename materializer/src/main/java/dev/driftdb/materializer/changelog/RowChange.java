package dev.driftdb.materializer.changelog;

import dev.driftdb.schemas.type.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * What a committed entry did to one row of a published table.
 *
 * @param key the row's key bytes; null for {@link Op#TRUNCATE}
 * @param before the row's bytes before the entry, null if it was not there
 * @param after the row's bytes after the change, null if it is gone
 */
@SuppressWarnings("ArrayRecordComponent") // row bytes as they are stored; never compared
public record RowChange(
        PublishedTable table,
        Op op,
        @Nullable Bytes key,
        byte @Nullable [] before,
        byte @Nullable [] after) {

    /** Debezium's operations. */
    public enum Op {
        CREATE("c"),
        UPDATE("u"),
        DELETE("d"),
        TRUNCATE("t");

        private final String code;

        Op(String code) {
            this.code = code;
        }

        /** The letter in the envelope. */
        public String code() {
            return code;
        }
    }

    /** Takes changes one by one. */
    @FunctionalInterface
    public interface Sink {
        void accept(RowChange change);
    }
}
