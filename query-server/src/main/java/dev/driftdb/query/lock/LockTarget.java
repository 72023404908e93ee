package dev.driftdb.query.lock;

import dev.driftdb.schemas.type.Bytes;

/** What can be locked. */
public sealed interface LockTarget {
    /** A row, or the place where one may be inserted. */
    record Row(int tableId, Bytes key) implements LockTarget {
        /** Rows have no place; this number and the next, made of the key, tell them apart. */
        public int page() {
            return key.hashCode() >>> 16;
        }

        public int tuple() {
            return key.hashCode() & 0x7fff;
        }
    }

    /** A key of a unique index that is not the primary one. */
    record Key(int indexId, Bytes key) implements LockTarget {}

    record Table(int tableId) implements LockTarget {}

    /** The catalog: one transaction at a time defines on a server. */
    record Definitions() implements LockTarget {}

    /**
     * A number that applications give a meaning.
     *
     * @param high the upper half of a bigint, or the first of two integers
     * @param pair whether it was given as two integers, which is another name space
     */
    record Advisory(int high, int low, boolean pair) implements LockTarget {
        public static Advisory of(long key) {
            return new Advisory((int) (key >>> 32), (int) key, false);
        }
    }

    /** What pg_stat_activity shows as wait_event. */
    default String waitEvent() {
        return switch (this) {
            case Row _, Key _ -> "transactionid";
            case Table _ -> "relation";
            case Definitions _ -> "object";
            case Advisory _ -> "advisory";
        };
    }

    /** Whether it is held with the transaction's id: then others wait for that transaction. */
    default boolean isOfRow() {
        return this instanceof Row || this instanceof Key;
    }
}
