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

    /** f(…) [WITH ORDINALITY] alias. */
    record Function(
            SqlExpr call,
            boolean withOrdinality,
            @Nullable String alias,
            List<String> columnAliases,
            boolean lateral,
            int position)
            implements TableExpr {
        public Function {
            columnAliases = List.copyOf(columnAliases);
        }
    }

    /** A join; exactly one of condition, using and natural is there, none for CROSS. */
    record Join(
            JoinKind kind,
            TableExpr left,
            TableExpr right,
            @Nullable SqlExpr condition,
            List<String> using,
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
