package dev.driftdb.query.plan;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A bound query or data-modifying statement. */
public sealed interface BoundStatement {
    /** The columns of the rows it answers; empty for a statement without RETURNING. */
    List<OutputColumn> output();

    record Select(LogicalPlan plan) implements BoundStatement {
        @Override
        public List<OutputColumn> output() {
            return plan.columns();
        }
    }

    /**
     * INSERT.
     *
     * @param source rows of one value per visible column of the table, in order, defaults filled in
     *     and cast to the column's type
     * @param checks CHECK conditions over the visible columns
     * @param generated the values of generated columns over the visible columns
     * @param conflict null without ON CONFLICT
     * @param returning expressions over the visible columns of the row as stored
     */
    record Insert(
            List<LogicalPlan.CteDefinition> with,
            TableDef table,
            LogicalPlan source,
            List<CheckCondition> checks,
            List<SetColumn> generated,
            @Nullable Conflict conflict,
            List<Expr> returning,
            List<OutputColumn> output)
            implements BoundStatement {}

    /**
     * A named condition that must not be false.
     *
     * @param ofView it is a view's, by WITH CHECK OPTION, and must be true
     */
    record CheckCondition(String name, Expr condition, boolean ofView) {
        public CheckCondition(String name, Expr condition) {
            this(name, condition, false);
        }
    }

    /**
     * ON CONFLICT.
     *
     * @param index the arbiter (the primary index included); null: any unique violation
     * @param updates null for DO NOTHING, else assignments over the row (existing visible columns,
     *     then the excluded row's)
     */
    record Conflict(
            @Nullable IndexDef index, @Nullable List<SetColumn> updates, @Nullable Expr where) {}

    /** The new value of a column. */
    record SetColumn(int columnNumber, Expr value) {}

    /**
     * UPDATE.
     *
     * @param source rows to update: the table's visible columns first, then those of FROM; the scan
     *     of the target is the leftmost leaf and is the only one that yields row keys
     * @param assignments over the source's row
     * @param returning over (the new row's visible columns, then those of FROM)
     */
    record Update(
            List<LogicalPlan.CteDefinition> with,
            TableDef table,
            LogicalPlan source,
            List<SetColumn> assignments,
            List<CheckCondition> checks,
            List<SetColumn> generated,
            List<Expr> returning,
            List<OutputColumn> output)
            implements BoundStatement {}

    /**
     * MERGE.
     *
     * @param source the rows of USING, joined with the table's: its columns first, then the table's
     *     visible ones; a LEFT join if rows may be inserted
     * @param condition of ON, over the source's row
     * @param clauses their expressions read the source's row
     * @param generated the values of generated columns over the visible columns
     */
    record Merge(
            List<LogicalPlan.CteDefinition> with,
            TableDef table,
            LogicalPlan source,
            Expr condition,
            List<MergeClause> clauses,
            List<CheckCondition> checks,
            List<SetColumn> generated)
            implements BoundStatement {
        @Override
        public List<OutputColumn> output() {
            return List.of();
        }
    }

    record MergeClause(boolean matched, @Nullable Expr condition, MergeAction action) {}

    /** What MERGE does with a row. */
    sealed interface MergeAction {
        record Update(List<SetColumn> assignments) implements MergeAction {}

        record Delete() implements MergeAction {}

        record Nothing() implements MergeAction {}

        /** One value per visible column. */
        record Insert(List<Expr> values) implements MergeAction {}
    }

    /** DELETE: as {@link Update}; {@code returning} over the source's row. */
    record Delete(
            List<LogicalPlan.CteDefinition> with,
            TableDef table,
            LogicalPlan source,
            List<Expr> returning,
            List<OutputColumn> output)
            implements BoundStatement {}
}
