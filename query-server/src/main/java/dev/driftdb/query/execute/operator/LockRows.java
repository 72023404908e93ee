package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.RowId;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * FOR UPDATE: locks the rows that a row was joined from; where one has a newer version, joins
 * again.
 */
public final class LockRows implements Operator {
    /** One table of the input. */
    public record Target(TableDef table, RowLockStrength strength, RowWait onConflict) {}

    private final Operator input;
    private final int width;
    private final List<Target> targets;
    private final Operator recheck;
    private final int firstTable;

    /**
     * @param width columns of the input without hidden ones
     * @param targets of the input's row ids, in order
     * @param recheck the input made of {@link SubstitutedRow}s only
     * @param firstTable the number of the first table among the recheck's substitutes
     */
    public LockRows(
            Operator input, int width, List<Target> targets, Operator recheck, int firstTable) {
        this.input = input;
        this.width = width;
        this.targets = List.copyOf(targets);
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
        SubstitutedRow.Substitute[] current = new SubstitutedRow.Substitute[targets.size()];
        for (int i = 0; i < current.length; i++) {
            if (!(row[width + i] instanceof RowId id)) {
                current[i] = SubstitutedRow.Substitute.NONE; // the empty side of an outer join
                continue;
            }
            Target target = targets.get(i);
            StoredRow stored =
                    frame.context()
                            .tables()
                            .lockToRead(target.table, id.key(), target.strength, target.onConflict);
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
