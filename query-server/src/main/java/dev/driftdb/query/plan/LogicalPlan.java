package dev.driftdb.query.plan;

import dev.driftdb.query.ast.WindowFrame;
import dev.driftdb.query.catalog.SystemRelation;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.AggregateFunction;
import dev.driftdb.query.function.TableFunction;
import dev.driftdb.query.function.WindowFunction;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.SqlType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Relational algebra over bound expressions. A node's rows have the columns it says; expressions of
 * a node read the columns of its input (of a join: left columns, then right).
 */
public sealed interface LogicalPlan {
    List<OutputColumn> columns();

    /**
     * All visible columns of a table, then (if {@code pseudoColumns}) the pseudo-columns in the
     * order of {@link PseudoColumn}.
     *
     * @param time when to read
     * @param alias what the statement calls it
     */
    record Scan(
            TableDef table,
            ScanTime time,
            boolean pseudoColumns,
            List<OutputColumn> columns,
            String alias)
            implements LogicalPlan {
        public Scan(
                TableDef table, ScanTime time, boolean pseudoColumns, List<OutputColumn> columns) {
            this(table, time, pseudoColumns, columns, table.name());
        }
    }

    /**
     * Some of a scan's rows, each chosen or not by its key and a seed.
     *
     * @param input a {@link Scan}, not of versions
     * @param percentage real, reads no column of the scan; the same for all its rows
     * @param seed double precision, null for another one in every run of the statement
     */
    record Sample(LogicalPlan input, String method, Expr percentage, @Nullable Expr seed)
            implements LogicalPlan {
        @Override
        public List<OutputColumn> columns() {
            return input.columns();
        }
    }

    /** When a table is read. */
    sealed interface ScanTime {
        /** At the statement's own view, with the transaction's changes. */
        record Now() implements ScanTime {}

        /** After the entry at this offset. */
        record At(long offset) implements ScanTime {}

        /**
         * Every version live at some offset in [from, to], from {@link #ALL} as far back as history
         * is kept.
         *
         * @param asOf the offset behind which nothing is seen, not even the end of a version; null
         *     for the statement's own
         * @param deletions whether a row's deletion is a version of its own, with _op 'delete' and
         *     NULL in all columns but the key, until the next one
         */
        record Versions(long from, long to, @Nullable Long asOf, boolean deletions)
                implements ScanTime {
            /** {@code from} of all that are kept. */
            public static final long ALL = -1;
        }
    }

    /** The pseudo-columns of a scan, in this order behind the table's own. */
    enum PseudoColumn {
        OFFSET_FROM("_offset_from"),
        OFFSET_TO("_offset_to"),
        TIME_FROM("_time_from"),
        TIME_TO("_time_to"),
        OP("_op"),
        TRANSACTION("_transaction"),
        USER("_user"),
        ORIGIN("_origin");

        private final String columnName;

        PseudoColumn(String columnName) {
            this.columnName = columnName;
        }

        public String columnName() {
            return columnName;
        }
    }

    /**
     * A relation that the engine computes (pg_class…), from the catalog as of {@code offset} (null:
     * the statement's own).
     */
    record SystemScan(
            SystemRelation relation,
            @Nullable Long offset,
            List<OutputColumn> columns,
            String alias)
            implements LogicalPlan {}

    /** Rows of a function in FROM; its arguments may read the enclosing row ({@code lateral}). */
    record FunctionScan(
            TableFunction function,
            List<Expr> arguments,
            boolean withOrdinality,
            List<OutputColumn> columns,
            String alias)
            implements LogicalPlan {}

    /** Constant rows; no rows at all if empty. */
    record Values(List<List<Expr>> rows, List<OutputColumn> columns) implements LogicalPlan {}

    record Filter(LogicalPlan input, Expr condition) implements LogicalPlan {
        @Override
        public List<OutputColumn> columns() {
            return input.columns();
        }
    }

    record Project(LogicalPlan input, List<Expr> expressions, List<OutputColumn> columns)
            implements LogicalPlan {}

    /**
     * The input's rows, each joined with the rows of functions in the select list: the results come
     * behind the input's columns; the longest function decides how many rows, others give NULL.
     */
    record ProjectSet(LogicalPlan input, List<SetCall> calls, List<OutputColumn> columns)
            implements LogicalPlan {}

    record SetCall(TableFunction function, List<Expr> arguments) {}

    /**
     * A join.
     *
     * @param condition null for CROSS
     * @param lateral the right side reads the left row as {@link Expr.Outer} of depth 1
     */
    record Join(
            JoinType type,
            LogicalPlan left,
            LogicalPlan right,
            @Nullable Expr condition,
            boolean lateral,
            List<OutputColumn> columns)
            implements LogicalPlan {}

    /** SEMI and ANTI answer the left columns only; the optimizer makes them. */
    enum JoinType {
        INNER,
        LEFT,
        RIGHT,
        FULL,
        SEMI,
        ANTI
    }

    /**
     * Groups. Rows: one column per group expression, then one per aggregate, then, if there are
     * several grouping sets, one int4 per {@code groupings} (the value of GROUPING).
     *
     * @param groupingSets indexes into {@code groupBy}; one set of all for a plain GROUP BY; one
     *     empty set for aggregates without GROUP BY
     */
    record Aggregate(
            LogicalPlan input,
            List<Expr> groupBy,
            List<List<Integer>> groupingSets,
            List<AggregateCall> aggregates,
            List<List<Integer>> groupings,
            List<OutputColumn> columns)
            implements LogicalPlan {}

    /**
     * @param direct the arguments in front of WITHIN GROUP, which read the columns of the group
     *     expressions and not the input
     * @param arguments what is added for each row of the input
     */
    record AggregateCall(
            AggregateFunction function,
            List<Expr> direct,
            List<Expr> arguments,
            boolean distinct,
            @Nullable Expr filter,
            List<SortKey> orderBy) {}

    /**
     * Window functions over the input's rows. Rows: the input's columns, then one per call.
     *
     * @param windows every one is read by at least one call
     */
    record Window(
            LogicalPlan input,
            List<WindowDefinition> windows,
            List<WindowCall> calls,
            List<OutputColumn> columns)
            implements LogicalPlan {}

    record WindowDefinition(List<Expr> partitionBy, List<SortKey> orderBy, Frame frame) {}

    /**
     * A frame with bound offsets, which read no column: int8 for ROWS and GROUPS; for RANGE of the
     * type that the only sort key can be shifted by.
     */
    record Frame(
            WindowFrame.Mode mode,
            WindowFrame.BoundKind start,
            @Nullable Expr startOffset,
            WindowFrame.BoundKind end,
            @Nullable Expr endOffset,
            WindowFrame.Exclusion exclusion) {
        /** RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW. */
        public static final Frame DEFAULT =
                new Frame(
                        WindowFrame.Mode.RANGE,
                        WindowFrame.BoundKind.UNBOUNDED_PRECEDING,
                        null,
                        WindowFrame.BoundKind.CURRENT_ROW,
                        null,
                        WindowFrame.Exclusion.NO_OTHERS);
    }

    /**
     * One call over a window: exactly one of the two functions is there.
     *
     * @param filter of an aggregate
     * @param window index into {@link Window#windows}
     */
    record WindowCall(
            @Nullable AggregateFunction aggregate,
            @Nullable WindowFunction function,
            List<Expr> arguments,
            @Nullable Expr filter,
            int window,
            SqlType type) {
        public String name() {
            return aggregate != null ? aggregate.name() : function == null ? "" : function.name();
        }
    }

    record SortKey(Expr expression, boolean descending, boolean nullsFirst) {}

    record Sort(LogicalPlan input, List<SortKey> keys) implements LogicalPlan {
        @Override
        public List<OutputColumn> columns() {
            return input.columns();
        }
    }

    /**
     * @param tieKeys the sort keys of WITH TIES, empty without
     */
    record Limit(
            LogicalPlan input, @Nullable Expr limit, @Nullable Expr offset, List<SortKey> tieKeys)
            implements LogicalPlan {
        @Override
        public List<OutputColumn> columns() {
            return input.columns();
        }
    }

    /** The first row of each group of equal {@code on} (empty: of all columns). */
    record Distinct(LogicalPlan input, List<Expr> on) implements LogicalPlan {
        @Override
        public List<OutputColumn> columns() {
            return input.columns();
        }
    }

    record SetOperation(
            dev.driftdb.query.ast.Query.SetKind kind,
            boolean all,
            LogicalPlan left,
            LogicalPlan right,
            List<OutputColumn> columns)
            implements LogicalPlan {}

    /** A query with common tables: {@code definitions} in order, then the body reads them. */
    record With(List<CteDefinition> definitions, LogicalPlan body) implements LogicalPlan {
        @Override
        public List<OutputColumn> columns() {
            return body.columns();
        }
    }

    /**
     * @param id unique in the statement
     * @param statement a query's plan or a data-modifying statement with RETURNING
     * @param recursive {@code plan} then is {@link RecursiveUnion}
     */
    record CteDefinition(int id, String name, BoundStatement statement, boolean recursive) {}

    record CteScan(int id, String name, List<OutputColumn> columns, String alias)
            implements LogicalPlan {}

    /** base UNION [ALL] step, where the step's CteScan of {@code id} reads the newest rows. */
    record RecursiveUnion(
            int id, LogicalPlan base, LogicalPlan step, boolean all, List<OutputColumn> columns)
            implements LogicalPlan {}

    /** How the rows of the scans of a table under an alias are locked. */
    record RowLock(int tableId, String alias, RowLockStrength strength, RowWait onConflict) {}

    /**
     * FOR UPDATE and its kin on the base tables of the input; only over a plan whose rows are
     * joined base rows (no aggregation).
     */
    record LockRows(LogicalPlan input, List<RowLock> locks) implements LogicalPlan {
        public LockRows {
            locks = List.copyOf(locks);
        }

        @Override
        public List<OutputColumn> columns() {
            return input.columns();
        }
    }
}
