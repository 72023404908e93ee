package dev.driftdb.query.ast;

import dev.driftdb.query.ast.SqlExpr.OrderItem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A query: WITH, a body, and what applies to its result.
 *
 * @param limit null for none and for LIMIT ALL
 * @param withTies FETCH FIRST … WITH TIES
 * @param asOf AS OF behind it, for all in it that has no point of its own; null for none
 */
public record Query(
        List<CommonTable> with,
        boolean recursive,
        Body body,
        List<OrderItem> orderBy,
        @Nullable SqlExpr limit,
        @Nullable SqlExpr offset,
        boolean withTies,
        List<Locking> locking,
        @Nullable TimePoint asOf,
        int position) {
    public Query {
        with = List.copyOf(with);
        orderBy = List.copyOf(orderBy);
        locking = List.copyOf(locking);
    }

    public static Query of(Body body, int position) {
        return new Query(
                List.of(), false, body, List.of(), null, null, false, List.of(), null, position);
    }

    /** SELECT * FROM an item. */
    public static Query allOf(TableExpr item, int position) {
        return of(
                new Select(
                        false,
                        List.of(),
                        List.of(new SelectItem(new SqlExpr.Star(List.of(), position), null)),
                        List.of(item),
                        null,
                        null,
                        null,
                        List.of()),
                position);
    }

    /** The same behind a WITH list; it has none of its own. */
    public Query behind(List<CommonTable> tables, boolean isRecursive) {
        return new Query(
                tables,
                isRecursive,
                body,
                orderBy,
                limit,
                offset,
                withTies,
                locking,
                asOf,
                position);
    }

    /** The same as of a point in time. */
    public Query asOf(TimePoint point) {
        return new Query(
                with, recursive, body, orderBy, limit, offset, withTies, locking, point, position);
    }

    /** What produces the rows. */
    public sealed interface Body {}

    /**
     * SELECT.
     *
     * @param distinctOn the expressions of DISTINCT ON; empty otherwise
     * @param from items separated by commas
     * @param groupBy null if there is no GROUP BY
     * @param groupDistinct GROUP BY DISTINCT: equal grouping sets count once
     */
    public record Select(
            boolean distinct,
            List<SqlExpr> distinctOn,
            List<SelectItem> items,
            List<TableExpr> from,
            @Nullable SqlExpr where,
            @Nullable List<Grouping> groupBy,
            boolean groupDistinct,
            @Nullable SqlExpr having,
            List<NamedWindow> windows)
            implements Body {
        public Select {
            distinctOn = List.copyOf(distinctOn);
            items = List.copyOf(items);
            from = List.copyOf(from);
            groupBy = groupBy == null ? null : List.copyOf(groupBy);
            windows = List.copyOf(windows);
        }

        /** Without GROUP BY DISTINCT. */
        public Select(
                boolean distinct,
                List<SqlExpr> distinctOn,
                List<SelectItem> items,
                List<TableExpr> from,
                @Nullable SqlExpr where,
                @Nullable List<Grouping> groupBy,
                @Nullable SqlExpr having,
                List<NamedWindow> windows) {
            this(distinct, distinctOn, items, from, where, groupBy, false, having, windows);
        }
    }

    /** VALUES (…), (…). */
    public record Values(List<List<SqlExpr>> rows) implements Body {
        public Values {
            rows = rows.stream().map(List::copyOf).toList();
        }
    }

    /** left UNION | INTERSECT | EXCEPT [ALL] right. */
    public record SetOperation(SetKind kind, boolean all, Query left, Query right)
            implements Body {}

    public enum SetKind {
        UNION,
        INTERSECT,
        EXCEPT
    }

    /** An expression (or a star) with the name given by AS, null for none. */
    public record SelectItem(SqlExpr expression, @Nullable String alias) {}

    /** One element of GROUP BY, or of GROUPING SETS, ROLLUP and CUBE. */
    public sealed interface Grouping {
        /** The position of its first token. */
        int position();

        record Expression(SqlExpr expression) implements Grouping {
            @Override
            public int position() {
                return expression.position();
            }
        }

        /** (a, b): several expressions that are grouped by together; () groups by nothing. */
        record Composite(List<SqlExpr> expressions, int position) implements Grouping {
            public Composite {
                expressions = List.copyOf(expressions);
            }
        }

        /** GROUPING SETS, which may be nested, ROLLUP and CUBE, which have no sets in them. */
        record Sets(GroupingKind kind, List<Grouping> members, int position) implements Grouping {
            public Sets {
                members = List.copyOf(members);
            }
        }
    }

    public enum GroupingKind {
        GROUPING_SETS,
        ROLLUP,
        CUBE
    }

    /** name AS (…) in WINDOW. */
    public record NamedWindow(String name, SqlExpr.Window window) {}

    /**
     * name [(columns)] AS [NOT MATERIALIZED] (statement): a query or a data-modifying statement.
     */
    public record CommonTable(
            String name,
            List<String> columns,
            Statement statement,
            @Nullable Search search,
            @Nullable Cycle cycle,
            int position) {
        public CommonTable {
            columns = List.copyOf(columns);
        }
    }

    /**
     * SEARCH DEPTH | BREADTH FIRST BY columns SET sequence.
     *
     * @param position of SEARCH
     */
    public record Search(boolean breadth, List<String> columns, String sequence, int position) {
        public Search {
            columns = List.copyOf(columns);
        }
    }

    /**
     * CYCLE columns SET mark TO value DEFAULT otherwise USING path.
     *
     * @param position of CYCLE
     */
    public record Cycle(
            List<String> columns,
            String mark,
            SqlExpr value,
            SqlExpr otherwise,
            String path,
            int position) {
        public Cycle {
            columns = List.copyOf(columns);
        }
    }

    /** FOR UPDATE | NO KEY UPDATE | SHARE | KEY SHARE [OF t] [NOWAIT | SKIP LOCKED]. */
    public record Locking(
            Strength strength, List<String> tables, boolean noWait, boolean skipLocked) {
        public Locking {
            tables = List.copyOf(tables);
        }

        public enum Strength {
            UPDATE,
            NO_KEY_UPDATE,
            SHARE,
            KEY_SHARE
        }
    }
}
