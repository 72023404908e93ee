package dev.driftdb.query.session;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.row.KeyCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What one transaction has written to one storage. For the session's thread only; iterators stay
 * valid while the same statement writes.
 */
final class OwnTable {
    /**
     * The offset part of the key of a row that has no place in the log yet: after every real one.
     */
    private static final long NOT_YET = Long.MAX_VALUE;

    /** Locked rows that are kept; above that all are forgotten. */
    private static final int LOCKED_MAX = 1_000;

    final int storageId;

    /** All but those of {@link #appended}. */
    private final OwnRows rows = new OwnRows();

    /** New rows of a table without a primary key, by ordinal. */
    private final List<OwnRow> appended = new ArrayList<>();

    /**
     * Committed rows that this transaction has locked and not written, as they were then; null for
     * no row. A memory only: what is not here is read once more.
     */
    private final Map<Bytes, @Nullable StoredRow> locked = new HashMap<>();

    /** Rows that it has gone on from before they were through the log, as they were then. */
    private final Map<Bytes, InFlight.Version> lockedInFlight = new HashMap<>();

    /** Where rows went whose keys have changed, by the versions that took them away. */
    private final IdentityHashMap<OwnRow.Version, Move> moves = new IdentityHashMap<>();

    private record Move(OwnRow row, OwnRow.@Nullable Version version) {}

    /**
     * Entries of indexes that have at any time stood for one of our rows, by index id. Only of
     * indexes that somebody has read since there are such rows.
     */
    private final Map<Integer, OwnIndex> indexes = new HashMap<>();

    /**
     * The command that truncated the table (or made its storage); no earlier row counts after it.
     */
    int emptiedBy = Integer.MAX_VALUE;

    /** How many rows were inserted, those taken back included. */
    int inserted;

    OwnTable(int storageId) {
        this.storageId = storageId;
    }

    /** Notes that a row has gone to another key, after both were written. */
    void moved(OwnRow.Version gone, OwnRow to) {
        moves.put(gone, new Move(to, to.newest));
    }

    void forgetMove(OwnRow.Version gone) {
        moves.remove(gone);
    }

    /** Under which key the row is now that a command saw under this one; null if it was deleted. */
    @Nullable Bytes keyNow(Bytes key, int command) {
        OwnRow row = find(key);
        if (row == null) {
            return key;
        }
        OwnRow.Version seen = row.visibleTo(command);
        while (true) {
            OwnRow.Version gone = firstDeletion(row, seen);
            if (gone == null) {
                return row.key;
            }
            Move move = moves.get(gone);
            if (move == null) {
                return null;
            }
            row = move.row();
            seen = move.version();
        }
    }

    /** The oldest version behind another one that deletes the row. */
    @SuppressWarnings("ReferenceEquality") // a version is itself only
    private static OwnRow.@Nullable Version firstDeletion(
            OwnRow row, OwnRow.@Nullable Version seen) {
        OwnRow.Version found = null;
        for (OwnRow.Version v = row.newest; v != null && v != seen; v = v.previous()) {
            found = v.row() == null ? v : found;
        }
        return found;
    }

    @Nullable OwnRow find(Bytes key) {
        int ordinal = ordinal(key);
        if (ordinal < 0) {
            return rows.find(key);
        }
        return ordinal < appended.size() ? appended.get(ordinal) : null;
    }

    /** The row under a key; made, for {@link #add} once it has a version, if it is not there. */
    OwnRow row(Bytes key) {
        OwnRow own = find(key);
        return own != null ? own : new OwnRow(key, locked.get(key));
    }

    /** A new row of a table without a primary key, under a provisional key; for {@link #add}. */
    OwnRow newRow() {
        return new OwnRow(KeyCodec.rowId(NOT_YET, appended.size()), null);
    }

    /** A row has got its first version. */
    void add(OwnRow own) {
        if (ordinal(own.key) >= 0) {
            appended.add(own);
        } else {
            rows.add(own);
            if (!locked.isEmpty()) {
                locked.remove(own.key);
            }
        }
    }

    /** A row whose only version was rolled back; those added later have gone before it. */
    void forget(OwnRow own) {
        if (ordinal(own.key) >= 0) {
            appended.removeLast();
        } else {
            rows.remove(own);
        }
    }

    /** Whether it is the key of a row that only this transaction knows. */
    static boolean isProvisional(Bytes key) {
        return ordinal(key) >= 0;
    }

    /** The ordinal in a provisional key, -1 for any other key. */
    private static int ordinal(Bytes key) {
        byte[] bytes = key.array();
        if (bytes.length != Long.BYTES + Integer.BYTES || bytes[0] != 0x7f) {
            return -1;
        }
        java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(bytes);
        return buffer.getLong() == NOT_YET ? buffer.getInt() : -1;
    }

    void lock(Bytes key, @Nullable StoredRow newest) {
        if (locked.size() >= LOCKED_MAX) {
            locked.clear();
        }
        locked.put(key, newest);
        if (!lockedInFlight.isEmpty()) {
            lockedInFlight.remove(key);
        }
    }

    /** A row that a transaction in flight has written, and that nobody else sees yet. */
    void lock(Bytes key, InFlight.Version newest) {
        locked.put(key, newest.row());
        lockedInFlight.put(key, newest);
    }

    /** Null if the row under the key was not in flight when it was locked. */
    InFlight.@Nullable Version lockedInFlight(Bytes key) {
        return lockedInFlight.isEmpty() ? null : lockedInFlight.get(key);
    }

    /** What must hold in the log of the version that a change is based on. */
    Precondition isStill(Bytes key, @Nullable StoredRow version) {
        InFlight.Version inFlight = lockedInFlight(key);
        return inFlight != null
                ? new Precondition.RowWrittenBy(storageId, key, inFlight.writer())
                : new Precondition.RowVersion(
                        storageId, key, version == null ? Precondition.ABSENT : version.offset());
    }

    void unlock(Bytes key) {
        locked.remove(key);
        lockedInFlight.remove(key);
    }

    boolean isLocked(Bytes key) {
        return locked.containsKey(key);
    }

    @Nullable StoredRow lockedRow(Bytes key) {
        return locked.get(key);
    }

    OwnIndex index(int indexId) {
        return indexes.computeIfAbsent(indexId, id -> new OwnIndex());
    }

    void dropIndex(int indexId) {
        indexes.remove(indexId);
    }

    boolean hasRows() {
        return !rows.isEmpty() || !appended.isEmpty();
    }

    @Nullable OwnIndex findIndex(int indexId) {
        return indexes.get(indexId);
    }

    /** Rows in a range of keys, in key order or its reverse. */
    Iterator<OwnRow> in(KeyRange range, boolean reverse) {
        Iterator<OwnRow> keyed = rows.in(range, reverse);
        if (appended.isEmpty()) {
            return keyed;
        }
        Iterator<OwnRow> tail = appendedIn(range, reverse);
        return reverse ? chain(tail, keyed) : chain(keyed, tail);
    }

    /** Only rows that exist now: what the running statement appends must not be met by it. */
    private Iterator<OwnRow> appendedIn(KeyRange range, boolean reverse) {
        int count = appended.size();
        return IntStream.range(0, count)
                .mapToObj(i -> appended.get(reverse ? count - 1 - i : i))
                .filter(row -> range.contains(row.key))
                .iterator();
    }

    private static Iterator<OwnRow> chain(Iterator<OwnRow> first, Iterator<OwnRow> second) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return first.hasNext() || second.hasNext();
            }

            @Override
            public OwnRow next() {
                return first.hasNext() ? first.next() : second.next();
            }
        };
    }

    /** All but those appended, in key order. */
    Iterable<OwnRow> keyed() {
        return () -> rows.in(KeyRange.ALL, false);
    }

    List<OwnRow> appended() {
        return appended;
    }
}
