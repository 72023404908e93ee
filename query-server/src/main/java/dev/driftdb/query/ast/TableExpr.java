package dev.driftdb.query.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An item of FROM. */
public sealed interface TableExpr {
    /** A table, view, CTE or catalog relation by name. */
    record Named(
            QualifiedName name,
            @Nullable String alias,
            List<String> columnAliases,
            @Nullable TimeClause time,
            @Nullable TableSample sample,
            int position)
            implements TableExpr {
        public Named {
            columnAliases = List.copyOf(columnAliases);
        }
    }

    /** (SELECT …) alias. */
    record Derived(
            Query query,
            @Nullable String alias,
            List<String> columnAliases,
            boolean lateral,
            int position)
            implements TableExpr {
        public Derived {
            columnAliases = List.copyOf(columnAliases);
        }
    }

    /**
     * f(…) [WITH ORDINALITY] alias.
     *
     * @param call of {@link #ROWS_FROM} with the calls as arguments for ROWS FROM (…)
     * @param columnTypes of a column definition list, one for each alias; else empty
     * @param definitionPosition where that list starts, 0 without one
     */
    record Function(
            SqlExpr call,
            boolean withOrdinality,
            @Nullable String alias,
            List<String> columnAliases,
            List<TypeName> columnTypes,
            int definitionPosition,
            boolean lateral,
            int position)
            implements TableExpr {
        /** No function that can be called has this name. */
        public static final String ROWS_FROM = " rows from";

        public Function {
            columnAliases = List.copyOf(columnAliases);
            columnTypes = List.copyOf(columnTypes);
        }
    }

    /**
     * A join; exactly one of condition, using and natural is there, none for CROSS.
     *
     * @param usingAlias what the columns of USING are called together; null for nothing
     */
    record Join(
            JoinKind kind,
            TableExpr left,
            TableExpr right,
            @Nullable SqlExpr condition,
            List<String> using,
            @Nullable String usingAlias,
            boolean natural,
            int position)
            implements TableExpr {
        public Join {
            using = List.copyOf(using);
        }
    }

    enum JoinKind {
        INNER,
        LEFT,
        RIGHT,
        FULL,
        CROSS
    }
}
