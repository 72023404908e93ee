package dev.driftdb.query.execute;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.SqlArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts, roughly, the bytes that one operator holds, and takes them from its statement's memory
 * until {@link #release}. An operator that can write rows to files asks {@link #fits}; one that
 * cannot adds, and is refused when the statement's memory is used up.
 */
public final class MemoryBudget {
    /** So much is taken from the statement's memory at a time. */
    private static final long STEP_BYTES = 256 << 10;

    /** An operator that writes files holds so much in any case, or they would have few rows. */
    private static final long SPILLING_BYTES_MIN = 1 << 20;

    private static final int ROW_BYTES = 56;
    private static final int SLOT_BYTES = 4;
    private static final int LONG_BYTES = 16;
    private static final int VALUE_BYTES = 24;

    private final String operator;
    private final long workBytes;
    private final QueryMemory statement;
    private long taken;
    private long bytes;
    private long most;

    public MemoryBudget(String operator, Frame frame) {
        this.operator = operator;
        this.statement = frame.context().memory();
        this.workBytes = Math.min(statement.bytesMax(), frame.context().workBytes());
    }

    /** For an operator that writes to files what does not fit in work_mem. */
    public static MemoryBudget spilling(String operator, Frame frame) {
        return new MemoryBudget(operator, frame);
    }

    /** For what outlives a statement's frame: all of the bound, nothing goes to files. */
    public MemoryBudget(String operator, long bytesMax) {
        this.operator = operator;
        this.statement = new QueryMemory(bytesMax);
        this.workBytes = bytesMax;
    }

    /**
     * @throws SqlException 53200 past the bound
     */
    public void add(@Nullable Object[] row) {
        add(sizeOf(row));
    }

    /** Adds a row if there is room for it within work_mem. */
    public boolean fits(@Nullable Object[] row) {
        return fits(sizeOf(row));
    }

    public boolean fits(long size) {
        if (bytes + size > workBytes
                || (!take(bytes + size) && bytes + size > SPILLING_BYTES_MIN)) {
            return false;
        }
        bytes += size;
        most = Math.max(most, bytes);
        return true;
    }

    public void add(long size) {
        bytes += size;
        most = Math.max(most, bytes);
        if (!take(bytes)) {
            throw new SqlException(SqlState.OUT_OF_MEMORY, "out of memory")
                    .withDetail(
                            operator
                                    + " needs more than is left of the statement's "
                                    + statement.bytesMax()
                                    + " bytes.");
        }
    }

    /** Sees to it that so much in all is taken; false if the statement has no room for it. */
    private boolean take(long wanted) {
        if (wanted <= taken) {
            return true;
        }
        long more = Math.max(wanted - taken, Math.min(STEP_BYTES, statement.bytesMax() / 4));
        if (!statement.take(more)) {
            more = wanted - taken;
            if (!statement.take(more)) {
                return false;
            }
        }
        taken += more;
        return true;
    }

    /** Whether work_mem, or the statement's memory, is used up. */
    public boolean isFull() {
        return bytes >= workBytes
                || (bytes >= SPILLING_BYTES_MIN && !statement.hasRoom(STEP_BYTES));
    }

    public long bytes() {
        return bytes;
    }

    /** The most that was ever held. */
    public long most() {
        return most;
    }

    /** Nothing is held any more. */
    public void release() {
        statement.give(taken);
        taken = 0;
        bytes = 0;
    }

    private static long sizeOf(@Nullable Object[] row) {
        long size = ROW_BYTES;
        for (Object value : row) {
            size += SLOT_BYTES + (value == null ? 0 : sizeOf(value));
        }
        return size;
    }

    private static long sizeOf(Object value) {
        return switch (value) {
            case Boolean _ -> 0;
            case Long _ -> LONG_BYTES;
            case String text -> VALUE_BYTES + 24L + text.length();
            case Bytes raw -> VALUE_BYTES + 16L + raw.length();
            case Jsonb json -> VALUE_BYTES + 40L + json.text().length();
            case SqlArray array -> 96 + 32L * array.values().size();
            case RowId id -> 64L + id.key().length();
            case Object[] row -> 16 + 32L * row.length;
            default -> VALUE_BYTES;
        };
    }
}
