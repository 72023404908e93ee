package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.RowId;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * FOR UPDATE: locks the rows that a row was joined from; where one has a newer version, joins
 * again.
 */
public final class LockRows implements Operator {
    private final Operator input;
    private final int width;
    private final List<TableDef> tables;
    private final boolean noWait;
    private final boolean skipLocked;
    private final Operator recheck;
    private final int firstTable;

    /**
     * @param width columns of the input without hidden ones
     * @param tables of the input's row ids, in order
     * @param recheck the input made of {@link SubstitutedRow}s only
     * @param firstTable the number of the first table among the recheck's substitutes
     */
    public LockRows(
            Operator input,
            int width,
            List<TableDef> tables,
            boolean noWait,
            boolean skipLocked,
            Operator recheck,
            int firstTable) {
        this.input = input;
        this.width = width;
        this.tables = List.copyOf(tables);
        this.noWait = noWait;
        this.skipLocked = skipLocked;
        this.recheck = recheck;
        this.firstTable = firstTable;
    }

    @Override
    public Rows open(Frame frame) {
        Rows rows = input.open(frame);
        return new Rows() {
            @Override
            public @Nullable Object @Nullable [] next() {
                for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                    frame.tick();
                    @Nullable Object[] locked = lock(row, frame);
                    if (locked != null) {
                        return locked;
                    }
                }
                return null;
            }

            @Override
            public void close() {
                rows.close();
            }
        };
    }

    private @Nullable Object @Nullable [] lock(@Nullable Object[] row, Frame frame) {
        boolean moved = false;
        SubstitutedRow.Substitute[] current = new SubstitutedRow.Substitute[tables.size()];
        for (int i = 0; i < current.length; i++) {
            if (!(row[width + i] instanceof RowId id)) {
                current[i] = SubstitutedRow.Substitute.NONE; // the empty side of an outer join
                continue;
            }
            StoredRow stored =
                    frame.context().tables().lock(tables.get(i), id.key(), noWait, skipLocked);
            if (stored == null) {
                return null;
            }
            moved |= stored.offset() != id.offset();
            current[i] = new SubstitutedRow.Substitute(id.key(), stored);
        }
        if (!moved) {
            return row;
        }
        Frame again = frame.again();
        for (int i = 0; i < current.length; i++) {
            again.remember(firstTable + i, current[i]);
        }
        try (Rows rows = recheck.open(again)) {
            return rows.next();
        }
    }
}
