package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.function.WindowFunction;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import org.jspecify.annotations.Nullable;

/** What the window functions answer for the rows of one partition, from the first to the last. */
final class WindowValues {
    private WindowValues() {}

    /** A function that runs over one partition. */
    @FunctionalInterface
    interface Value {
        /** For the row at this place, which is the partition's current one. */
        @Nullable Object at(int index);
    }

    static Value of(
            WindowFunction.Kind kind, Eval[] arguments, WindowPartition partition, Frame frame) {
        int size = partition.size();
        return switch (kind) {
            case ROW_NUMBER -> index -> index + 1L;
            case RANK -> index -> partition.peersStart(index) + 1L;
            case DENSE_RANK -> index -> partition.group(index) + 1L;
            case PERCENT_RANK ->
                    index -> size == 1 ? 0.0 : (double) partition.peersStart(index) / (size - 1);
            case CUME_DIST -> index -> (double) partition.peersEnd(index) / size;
            case NTILE -> new Tiles(arguments[0], partition, frame);
            case LAG -> index -> shifted(index, -1, arguments, partition, frame);
            case LEAD -> index -> shifted(index, 1, arguments, partition, frame);
            case FIRST_VALUE ->
                    _ -> valueAt(partition.fromStart(1), arguments[0], partition, frame);
            case LAST_VALUE -> _ -> valueAt(partition.last(), arguments[0], partition, frame);
            case NTH_VALUE ->
                    index -> {
                        Object n = arguments[1].eval(partition.row(index), frame);
                        if (n == null) {
                            return null;
                        }
                        if ((Long) n <= 0) {
                            throw new SqlException(
                                    SqlState.INVALID_ARGUMENT_FOR_NTH_VALUE,
                                    "argument of nth_value must be greater than zero");
                        }
                        return valueAt(
                                partition.fromStart((Long) n), arguments[0], partition, frame);
                    };
        };
    }

    private static @Nullable Object valueAt(
            int index, Eval argument, WindowPartition partition, Frame frame) {
        return index < 0 ? null : argument.eval(partition.row(index), frame);
    }

    /** lag and lead: the row that many before or behind, else the default. */
    private static @Nullable Object shifted(
            int index, int direction, Eval[] arguments, WindowPartition partition, Frame frame) {
        @Nullable Object[] row = partition.row(index);
        long distance = 1;
        if (arguments.length > 1) {
            Object given = arguments[1].eval(row, frame);
            if (given == null) {
                return null;
            }
            distance = (Long) given;
        }
        long target = index + direction * distance;
        if (target >= 0 && target < partition.size()) {
            return arguments[0].eval(partition.row((int) target), frame);
        }
        return arguments.length > 2 ? arguments[2].eval(row, frame) : null;
    }

    /** ntile: the number of tiles is asked for once, at the first row that tells one. */
    private static final class Tiles implements Value {
        private final Eval argument;
        private final WindowPartition partition;
        private final Frame frame;
        private long tile;
        private long rowsInTile;
        private long tileSize;
        private long larger;

        Tiles(Eval argument, WindowPartition partition, Frame frame) {
            this.argument = argument;
            this.partition = partition;
            this.frame = frame;
        }

        @Override
        public @Nullable Object at(int index) {
            if (tile == 0) {
                Object tiles = argument.eval(partition.row(index), frame);
                if (tiles == null) {
                    return null;
                }
                long count = (Long) tiles;
                if (count <= 0) {
                    throw new SqlException(
                            SqlState.INVALID_ARGUMENT_FOR_NTILE,
                            "argument of ntile must be greater than zero");
                }
                tile = 1;
                tileSize = partition.size() / count;
                // The first tiles take the rows that are left over.
                larger = tileSize == 0 ? 0 : partition.size() % count;
                if (tileSize == 0) {
                    tileSize = 1;
                } else if (larger > 0) {
                    tileSize++;
                }
            }
            rowsInTile++;
            if (rowsInTile > tileSize) {
                if (larger > 0 && tile == larger) {
                    larger = 0;
                    tileSize--;
                }
                tile++;
                rowsInTile = 1;
            }
            return tile;
        }
    }
}
