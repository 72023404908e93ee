package dev.driftdb.query.execute;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Jsonb;
import dev.driftdb.schemas.type.SqlArray;
import org.jspecify.annotations.Nullable;

/** Counts, roughly, the bytes that one operator holds. */
public final class MemoryBudget {
    private static final int ROW_BYTES = 56;
    private static final int VALUE_BYTES = 24;

    private final String operator;
    private final long bytesMax;
    private long bytes;

    public MemoryBudget(String operator, Frame frame) {
        this.operator = operator;
        this.bytesMax = frame.context().operatorBytesMax();
    }

    /**
     * @throws SqlException 53200 past the bound
     */
    public void add(@Nullable Object[] row) {
        long size = ROW_BYTES;
        for (Object value : row) {
            size += 8 + (value == null ? 0 : sizeOf(value));
        }
        add(size);
    }

    public void add(long size) {
        bytes += size;
        if (bytes > bytesMax) {
            throw new SqlException(SqlState.OUT_OF_MEMORY, "out of memory")
                    .withDetail(operator + " needs more than " + bytesMax + " bytes.");
        }
    }

    public void release() {
        bytes = 0;
    }

    private static long sizeOf(Object value) {
        return switch (value) {
            case Boolean _ -> 0;
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
