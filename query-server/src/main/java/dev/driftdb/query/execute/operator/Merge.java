package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.RowId;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.RunReport;
import dev.driftdb.query.execute.operator.Insert.Assignment;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * MERGE: finds all pairs of a source row and a row of the table, then does with each what the first
 * clause says that holds for it.
 */
public final class Merge implements Operator {
    /** WHEN [NOT] MATCHED; without a condition it always holds. */
    public record Clause(boolean matched, @Nullable Eval condition, Action action) {}

    /** What is done with a row. */
    public sealed interface Action {
        record Update(List<Assignment> assignments) implements Action {}

        record Delete() implements Action {}

        record Nothing() implements Action {}

        record Insert(List<Eval> values) implements Action {}
    }

    /** How often a pair is looked at again when others change its row meanwhile. */
    private static final int ATTEMPTS_MAX = 100;

    private final Operator source;
    private final TableWriter writer;
    private final int width;
    private final Eval condition;
    private final List<Clause> clauses;

    /**
     * @param source rows that end in the table's visible columns, NULL where no row matches, with
     *     the row id of the table as first hidden column
     * @param width columns of the source without hidden ones
     * @param condition what makes a source row and a row of the table a pair
     */
    public Merge(
            Operator source, TableWriter writer, int width, Eval condition, List<Clause> clauses) {
        this.source = source;
        this.writer = writer;
        this.width = width;
        this.condition = condition;
        this.clauses = List.copyOf(clauses);
    }

    @Override
    public Rows open(Frame frame) {
        return new Run(frame);
    }

    private final class Run extends ModifyRows {

        /** The rows of the table that this statement has changed or stored. */
        private final Set<Bytes> written = new HashSet<>();

        private long pairsRead;
        private long inserted;
        private long updated;
        private long deleted;

        Run(Frame frame) {
            super(frame, null);
        }

        @Override
        void run() {
            List<@Nullable Object[]> pairs = readAll(source.open(frame));
            pairsRead = pairs.size();
            for (@Nullable Object[] row : pairs) {
                frame.tick();
                if (row[width] instanceof RowId id) {
                    matched(row, id);
                } else {
                    notMatched(row);
                }
            }
        }

        private @Nullable Action choose(boolean matched, @Nullable Object[] row) {
            for (Clause clause : clauses) {
                if (clause.matched() == matched
                        && (clause.condition() == null || clause.condition().test(row, frame))) {
                    return clause.action();
                }
            }
            return null;
        }

        private void notMatched(@Nullable Object[] row) {
            if (choose(false, row) instanceof Action.Insert insert) {
                @Nullable Object[] given = new @Nullable Object[insert.values().size()];
                for (int i = 0; i < given.length; i++) {
                    given[i] = insert.values().get(i).eval(row, frame);
                }
                @Nullable Object[] values = writer.toStored(given);
                writer.check(values, frame);
                written.add(tables.insert(writer.table(), values));
                inserted++;
                changed(row);
            }
        }

        /**
         * A row that others changed since it was read is asked again: whether it is still a pair,
         * and which clause holds; one that is gone or no pair any more counts as not matched.
         */
        private void matched(@Nullable Object[] read, RowId id) {
            @Nullable Object[] row = read;
            long offset = id.offset();
            for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
                Action action = choose(true, row);
                if (action == null || action instanceof Action.Nothing) {
                    return;
                }
                if (!written.add(id.key())) {
                    throw new SqlException(
                                    SqlState.CARDINALITY_VIOLATION,
                                    "MERGE command cannot affect row a second time")
                            .withHint(
                                    "Ensure that not more than one source row matches any one"
                                            + " target row.");
                }
                StoredRow current =
                        tables.lock(
                                writer.table(),
                                id.key(),
                                action instanceof Action.Delete
                                        ? RowLockStrength.UPDATE
                                        : RowLockStrength.NO_KEY_UPDATE,
                                RowWait.WAIT);
                if (current == null) {
                    Arrays.fill(row, width - writer.visibleWidth(), width, null);
                    notMatched(row);
                    return;
                }
                @Nullable Object[] old = RowCodec.decode(writer.table().columns(), current.row());
                if (current.offset() == offset) {
                    change(action, row, id.key(), old);
                    return;
                }
                written.remove(id.key());
                offset = current.offset();
                int sourceWidth = width - writer.visibleWidth();
                @Nullable Object[] visible = writer.toVisible(old, writer.visibleWidth());
                row = read.clone();
                System.arraycopy(visible, 0, row, sourceWidth, visible.length);
                if (!condition.test(row, frame)) {
                    Arrays.fill(row, sourceWidth, width, null);
                    notMatched(row);
                    return;
                }
            }
            throw new SqlException(
                    SqlState.SERIALIZATION_FAILURE,
                    "could not merge into a row of \"%s\" for concurrent changes"
                            .formatted(writer.table().name()));
        }

        private void change(
                Action action, @Nullable Object[] row, Bytes key, @Nullable Object[] old) {
            if (action instanceof Action.Update update) {
                @Nullable Object[] values = assigned(old, update.assignments(), row);
                writer.check(values, frame);
                tables.update(writer.table(), key, old, values);
                updated++;
            } else {
                tables.delete(writer.table(), key, old);
                deleted++;
            }
            changed(row);
        }

        @Override
        public void report(RunReport report) {
            report.merged(inserted, updated, deleted, pairsRead - inserted - updated - deleted);
        }
    }
}
