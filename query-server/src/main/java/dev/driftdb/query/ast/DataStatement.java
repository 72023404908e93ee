package dev.driftdb.query.ast;

import dev.driftdb.query.ast.Query.CommonTable;
import dev.driftdb.query.ast.Query.SelectItem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SELECT and the statements that change rows: those that have a plan. */
public sealed interface DataStatement extends Statement {
    record Select(Query query) implements DataStatement {}

    /**
     * INSERT.
     *
     * @param columns what is given a value; empty for all columns
     * @param source null for DEFAULT VALUES
     * @param overriding null, "system" or "user"
     */
    record Insert(
            List<CommonTable> with,
            boolean recursive,
            QualifiedName table,
            @Nullable String alias,
            List<ColumnTarget> columns,
            @Nullable Query source,
            @Nullable String overriding,
            @Nullable OnConflict onConflict,
            List<SelectItem> returning)
            implements DataStatement {}

    /**
     * ON CONFLICT.
     *
     * @param columns the inferring columns
     * @param expressions the inferring expressions; none of both if a constraint is named or
     *     nothing
     * @param updates null for DO NOTHING
     */
    record OnConflict(
            List<String> columns,
            List<SqlExpr> expressions,
            @Nullable SqlExpr targetWhere,
            @Nullable String constraint,
            @Nullable List<Assignment> updates,
            @Nullable SqlExpr where) {}

    record Update(
            List<CommonTable> with,
            boolean recursive,
            QualifiedName table,
            @Nullable String alias,
            List<Assignment> assignments,
            List<TableExpr> from,
            @Nullable SqlExpr where,
            List<SelectItem> returning)
            implements DataStatement {}

    /** SET a = x; SET (a, b) = (x, y) and = (SELECT …): the value is a Row or a ScalarQuery. */
    record Assignment(List<ColumnTarget> columns, boolean multiple, SqlExpr value, int position) {}

    record Delete(
            List<CommonTable> with,
            boolean recursive,
            QualifiedName table,
            @Nullable String alias,
            List<TableExpr> using,
            @Nullable SqlExpr where,
            List<SelectItem> returning)
            implements DataStatement {}

    /**
     * MERGE.
     *
     * @param source the item of USING
     * @param clauses in the order they are asked
     */
    record Merge(
            List<CommonTable> with,
            boolean recursive,
            QualifiedName table,
            @Nullable String alias,
            TableExpr source,
            SqlExpr condition,
            List<MergeClause> clauses)
            implements DataStatement {}

    /** WHEN [NOT] MATCHED [AND condition] THEN action. */
    record MergeClause(boolean matched, @Nullable SqlExpr condition, MergeAction action) {}

    /** What MERGE does with a row. */
    sealed interface MergeAction {
        record Update(List<Assignment> assignments) implements MergeAction {}

        record Delete() implements MergeAction {}

        record Nothing() implements MergeAction {}

        /**
         * @param columns what is given a value; empty for all columns
         * @param overriding null, "system" or "user"
         * @param values null for DEFAULT VALUES
         */
        record Insert(
                List<ColumnTarget> columns,
                @Nullable String overriding,
                @Nullable List<SqlExpr> values,
                int position)
                implements MergeAction {}
    }
}
