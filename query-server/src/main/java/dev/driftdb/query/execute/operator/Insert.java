package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.query.execute.RunReport;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** INSERT, with ON CONFLICT and RETURNING. */
public final class Insert implements Operator {
    /** How often a row is tried again when the one it collides with comes and goes. */
    private static final int ATTEMPTS_MAX = 100;

    /** ON CONFLICT; without {@code updates} DO NOTHING. */
    public record Conflict(
            @Nullable IndexDef index, @Nullable List<Assignment> updates, @Nullable Eval where) {}

    /** A new value for a column. */
    public record Assignment(int columnNumber, Eval value) {}

    private final Operator source;
    private final boolean sourceFirst;
    private final TableWriter writer;
    private final @Nullable Conflict conflict;
    private final Eval @Nullable [] returning;

    /**
     * @param source rows of the table's visible columns
     * @param sourceFirst whether it reads the same table: then all of it is read before the first
     *     row is stored
     */
    public Insert(
            Operator source,
            boolean sourceFirst,
            TableWriter writer,
            @Nullable Conflict conflict,
            Eval @Nullable [] returning) {
        this.source = source;
        this.sourceFirst = sourceFirst;
        this.writer = writer;
        this.conflict = conflict;
        this.returning = returning;
    }

    @Override
    public Rows open(Frame frame) {
        return new Run(frame);
    }

    private final class Run extends ModifyRows {
        private final Set<Bytes> written = new HashSet<>();
        private long inserted;
        private long conflicting;

        Run(Frame frame) {
            super(frame, returning);
        }

        @Override
        void run() {
            try (Rows rows = source()) {
                for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
                    frame.tick();
                    @Nullable Object[] values = writer.toStored(row);
                    writer.check(values, frame);
                    if (conflict == null) {
                        tables.insert(writer.table(), values);
                        changed(stored(row, values));
                    } else {
                        insertOrResolve(conflict, stored(row, values), values);
                    }
                }
            }
        }

        /** The visible row with its generated columns. */
        private @Nullable Object[] stored(@Nullable Object[] row, @Nullable Object[] values) {
            return writer.generates() ? writer.toVisible(values, writer.visibleWidth()) : row;
        }

        private Rows source() {
            Rows given = source.open(frame);
            if (!sourceFirst) {
                return given;
            }
            return Rows.of(readAll(given));
        }

        private void insertOrResolve(
                Conflict rule, @Nullable Object[] row, @Nullable Object[] values) {
            for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
                Bytes other = tables.findConflict(writer.table(), values, rule.index());
                if (other == null) {
                    Bytes key = tables.insert(writer.table(), values);
                    if (rule.updates() != null) {
                        written.add(key);
                    }
                    inserted++;
                    changed(row);
                    return;
                }
                if (rule.updates() == null) {
                    conflicting++;
                    return;
                }
                if (written.contains(other)) {
                    throw new SqlException(
                                    SqlState.CARDINALITY_VIOLATION,
                                    "ON CONFLICT DO UPDATE command cannot affect row a second time")
                            .withHint(
                                    "Ensure that no rows proposed for insertion within the same"
                                            + " command have duplicate constrained values.");
                }
                StoredRow current =
                        tables.lock(
                                writer.table(), other, RowLockStrength.NO_KEY_UPDATE, RowWait.WAIT);
                if (current != null) {
                    conflicting++;
                    update(rule, rule.updates(), row, other, current);
                    return;
                }
            }
            throw new SqlException(
                    SqlState.SERIALIZATION_FAILURE,
                    "could not insert or update a row of \"%s\" for concurrent changes"
                            .formatted(writer.table().name()));
        }

        @Override
        public void report(RunReport report) {
            if (conflict != null) {
                report.conflicts(inserted, conflicting);
            }
        }

        private void update(
                Conflict rule,
                List<Assignment> updates,
                @Nullable Object[] row,
                Bytes key,
                StoredRow current) {
            int width = writer.visibleWidth();
            @Nullable Object[] old = RowCodec.decode(writer.table().columns(), current.row());
            @Nullable Object[] both = writer.toVisible(old, 2 * width);
            System.arraycopy(row, 0, both, width, width);
            if (rule.where() != null && !rule.where().test(both, frame)) {
                return;
            }
            @Nullable Object[] values = assigned(old, updates, both);
            writer.check(values, frame);
            tables.update(writer.table(), key, old, values);
            written.add(key);
            changed(writer.toVisible(values, width));
        }
    }
}
