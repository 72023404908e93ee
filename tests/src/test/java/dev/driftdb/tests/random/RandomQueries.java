package dev.driftdb.tests.random;

import dev.driftdb.tests.random.RandomTables.Column;
import dev.driftdb.tests.random.RandomTables.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Queries and changes whose answer is fixed but for the order of equal rows: where LIMIT, DISTINCT
 * ON or a window needs an order, it is one over all that the query shows.
 */
final class RandomQueries {
    private static final int DEPTH = 3;

    private final Choice choice;
    private final RandomTables tables;
    private final RandomExpressions expressions;

    RandomQueries(Choice choice, RandomTables tables) {
        this.choice = choice;
        this.tables = tables;
        this.expressions = new RandomExpressions(choice, tables);
    }

    /** A query. */
    String query() {
        List<Kind> kinds = kinds();
        return switch (choice.below(10)) {
            case 0, 1, 2 -> ordered(select(kinds, List.of()), kinds.size());
            case 3, 4 -> grouped();
            case 5, 6 -> windows();
            case 7 -> ordered(sets(kinds), kinds.size());
            case 8 -> common(kinds);
            default -> ordered(derived(kinds), kinds.size());
        };
    }

    private List<Kind> kinds() {
        return IntStream.rangeClosed(0, choice.below(4))
                .mapToObj(i -> choice.of(Kind.values()))
                .toList();
    }

    /** A FROM clause with the columns that it brings. */
    private record From(String sql, List<Column> scope) {}

    private From from(List<Column> outer) {
        From from = item(outer, false);
        int joins = choice.below(3);
        for (int i = 0; i < joins; i++) {
            from = join(from, outer);
        }
        return from;
    }

    private From item(List<Column> outer, boolean lateral) {
        String alias = expressions.newAlias();
        if (choice.percent(80)) {
            Table table = choice.of(tables.tables());
            return new From(table.name() + " " + alias, RandomExpressions.columns(table, alias));
        }
        List<Kind> kinds = List.of(Kind.INTEGER, choice.of(Kind.values()));
        String names = alias + " (id, x)";
        List<Column> columns =
                List.of(
                        new Column(alias + ".id", kinds.get(0)),
                        new Column(alias + ".x", kinds.get(1)));
        return new From(
                (lateral ? "LATERAL " : "")
                        + "("
                        + select(kinds, lateral ? outer : List.of())
                        + ") "
                        + names,
                columns);
    }

    private From join(From left, List<Column> outer) {
        boolean lateral = choice.percent(15);
        From right = item(RandomExpressions.joined(outer, left.scope()), lateral);
        List<Column> scope = RandomExpressions.joined(left.scope(), right.scope());
        String equal =
                choice.of(integers(left.scope())) + " = " + choice.of(integers(right.scope()));
        boolean refersLeft = right.sql().startsWith("LATERAL");
        String type =
                choice.of(
                        "JOIN",
                        "JOIN",
                        "LEFT JOIN",
                        "LEFT JOIN",
                        "RIGHT JOIN",
                        "FULL JOIN",
                        "CROSS JOIN");
        if (refersLeft && (type.startsWith("RIGHT") || type.startsWith("FULL"))) {
            type = "LEFT JOIN";
        }
        String condition =
                switch (type) {
                    case "CROSS JOIN" -> "";
                    // PostgreSQL joins fully by equality only.
                    case "FULL JOIN" -> " ON " + equal;
                    default ->
                            choice.percent(60)
                                    ? " ON "
                                            + equal
                                            + (choice.percent(40)
                                                    ? " AND " + expressions.condition(scope, 1)
                                                    : "")
                                    : " ON " + expressions.condition(scope, 2);
                };
        return new From(left.sql() + " " + type + " " + right.sql() + condition, scope);
    }

    private static List<String> integers(List<Column> scope) {
        return scope.stream()
                .filter(column -> column.kind() == Kind.INTEGER)
                .map(Column::name)
                .toList();
    }

    private String select(List<Kind> kinds, List<Column> outer) {
        From from = from(outer);
        List<Column> scope = RandomExpressions.joined(from.scope(), outer);
        String list =
                kinds.stream()
                        .map(kind -> expressions.of(kind, scope, DEPTH))
                        .collect(Collectors.joining(", "));
        return "SELECT "
                + (choice.percent(20) ? "DISTINCT " : "")
                + list
                + " FROM "
                + from.sql()
                + expressions.where(scope, DEPTH);
    }

    /** With an order over all columns, so that LIMIT is no matter of luck. */
    private String ordered(String query, int columns) {
        if (!choice.percent(50)) {
            return query;
        }
        String order =
                IntStream.rangeClosed(1, columns)
                        .mapToObj(
                                i -> i + choice.of("", " DESC", " NULLS FIRST", " DESC NULLS LAST"))
                        .collect(Collectors.joining(", "));
        return query
                + " ORDER BY "
                + order
                + (choice.percent(50) ? " LIMIT " + choice.below(8) : "")
                + (choice.percent(30) ? " OFFSET " + choice.below(4) : "");
    }

    private String sets(List<Kind> kinds) {
        String operator =
                choice.of(
                        " UNION ",
                        " UNION ALL ",
                        " INTERSECT ",
                        " EXCEPT ",
                        " EXCEPT ALL ",
                        " INTERSECT ALL ");
        return "("
                + select(kinds, List.of())
                + ")"
                + operator
                + "("
                + select(kinds, List.of())
                + ")";
    }

    private String derived(List<Kind> kinds) {
        String alias = expressions.newAlias();
        List<Column> columns = named(alias, kinds);
        return "SELECT "
                + columns.stream().map(Column::name).collect(Collectors.joining(", "))
                + " FROM ("
                + (choice.percent(30) ? sets(kinds) : select(kinds, List.of()))
                + ") "
                + alias
                + " ("
                + plainNames(kinds)
                + ")"
                + expressions.where(columns, 2);
    }

    private String common(List<Kind> kinds) {
        String name = "w" + choice.below(3);
        String one = expressions.newAlias();
        String two = expressions.newAlias();
        List<Column> scope = RandomExpressions.joined(named(one, kinds), named(two, kinds));
        return "WITH "
                + name
                + " ("
                + plainNames(kinds)
                + ") AS "
                + choice.of("", "MATERIALIZED ", "NOT MATERIALIZED ")
                + "("
                + select(kinds, List.of())
                + ") SELECT "
                + expressions.any(scope, 2)
                + ", "
                + one
                + ".x0 FROM "
                + name
                + " "
                + one
                + choice.of(" JOIN ", " LEFT JOIN ")
                + name
                + " "
                + two
                + " ON "
                + one
                + ".x0 IS NOT DISTINCT FROM "
                + two
                + ".x0"
                + expressions.where(scope, 2);
    }

    private static List<Column> named(String alias, List<Kind> kinds) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < kinds.size(); i++) {
            columns.add(new Column(alias + ".x" + i, kinds.get(i)));
        }
        return columns;
    }

    private static String plainNames(List<Kind> kinds) {
        return IntStream.range(0, kinds.size())
                .mapToObj(i -> "x" + i)
                .collect(Collectors.joining(", "));
    }

    private String grouped() {
        From from = from(List.of());
        List<Column> scope = from.scope();
        List<Column> keys = new ArrayList<>();
        int count = choice.below(3);
        for (int i = 0; i < count; i++) {
            Column key = choice.of(scope);
            if (!keys.contains(key)) {
                keys.add(key);
            }
        }
        List<String> items = new ArrayList<>();
        for (Column key : keys) {
            items.add(
                    choice.percent(70) ? key.name() : expressions.of(key.kind(), List.of(key), 1));
        }
        int aggregates = 1 + choice.below(3);
        for (int i = 0; i < aggregates; i++) {
            items.add(aggregate(scope));
        }
        String names = keys.stream().map(Column::name).collect(Collectors.joining(", "));
        String by =
                keys.isEmpty()
                        ? ""
                        : " GROUP BY "
                                + switch (choice.below(6)) {
                                    case 0 -> "ROLLUP (" + names + ")";
                                    case 1 -> "CUBE (" + names + ")";
                                    case 2 -> "GROUPING SETS ((" + names + "), ())";
                                    default -> names;
                                };
        String having = choice.percent(30) ? " HAVING " + aggregateCondition(scope) : "";
        return ordered(
                "SELECT "
                        + String.join(", ", items)
                        + " FROM "
                        + from.sql()
                        + expressions.where(scope, 2)
                        + by
                        + having,
                items.size());
    }

    private String aggregateCondition(List<Column> scope) {
        return choice.of(
                "count(*) > 1",
                "max(" + expressions.of(Kind.INTEGER, scope, 1) + ") IS NOT NULL",
                "bool_or(" + expressions.condition(scope, 1) + ")");
    }

    private String aggregate(List<Column> scope) {
        String distinct = choice.percent(25) ? "DISTINCT " : "";
        String filter =
                choice.percent(25) ? " FILTER (WHERE " + expressions.condition(scope, 1) + ")" : "";
        Kind number = choice.of(Kind.INTEGER, Kind.BIGINT, Kind.NUMERIC, Kind.DOUBLE);
        return switch (choice.below(8)) {
            case 0 -> "count(*)" + filter;
            case 1 -> "count(" + distinct + expressions.any(scope, 2) + ")" + filter;
            case 2, 3 -> "sum(" + distinct + expressions.of(number, scope, 2) + ")" + filter;
            case 4 ->
                    "avg("
                            + distinct
                            + expressions.of(choice.of(Kind.INTEGER, Kind.NUMERIC), scope, 2)
                            + ")"
                            + filter;
            case 5 ->
                    choice.of("min(", "max(")
                            + expressions.of(
                                    choice.of(
                                            Kind.TEXT,
                                            Kind.DATE,
                                            Kind.TIMESTAMP,
                                            Kind.NUMERIC,
                                            Kind.INTEGER),
                                    scope,
                                    2)
                            + ")"
                            + filter;
            case 6 ->
                    choice.of("bool_and(", "bool_or(")
                            + expressions.condition(scope, 1)
                            + ")"
                            + filter;
            default -> {
                String text = expressions.of(Kind.TEXT, scope, 1);
                yield "string_agg("
                        + text
                        + ", ',' ORDER BY "
                        + text
                        + choice.of("", " DESC")
                        + ")"
                        + filter;
            }
        };
    }

    private String windows() {
        From from = from(List.of());
        List<Column> scope = from.scope();
        String all = scope.stream().map(Column::name).collect(Collectors.joining(", "));
        List<String> items = new ArrayList<>(scope.stream().map(Column::name).toList());
        // One only: among equal rows, several could be paired in any way.
        items.add(window(scope, all));
        return ordered(
                "SELECT "
                        + String.join(", ", items)
                        + " FROM "
                        + from.sql()
                        + expressions.where(scope, 2),
                items.size());
    }

    private String window(List<Column> scope, String all) {
        String partition =
                choice.percent(60) ? "PARTITION BY " + choice.of(scope).name() + " " : "";
        String some = choice.of(scope).name() + choice.of("", " DESC", " NULLS FIRST");
        Kind kind = choice.of(Kind.INTEGER, Kind.NUMERIC, Kind.BIGINT);
        // The value is a column: rows that are equal in all columns give equal values.
        List<Column> fitting = scope.stream().filter(column -> column.kind() == kind).toList();
        String value = fitting.isEmpty() ? "1" : choice.of(fitting).name();
        return switch (choice.below(6)) {
            case 0 ->
                    choice.of("rank()", "dense_rank()", "percent_rank()", "cume_dist()")
                            + " OVER ("
                            + partition
                            + "ORDER BY "
                            + some
                            + ")";
            case 1 ->
                    choice.of("row_number()", "ntile(3)")
                            + " OVER ("
                            + partition
                            + "ORDER BY "
                            + all
                            + ")";
            case 2 ->
                    choice.of("lag(", "lead(")
                            + value
                            + choice.of(")", ", 2)", ", 1, NULL)")
                            + " OVER ("
                            + partition
                            + "ORDER BY "
                            + all
                            + ")";
            case 3 ->
                    choice.of("sum(", "count(", "min(", "max(", "avg(")
                            + value
                            + ") OVER ("
                            + partition
                            + choice.of("", "ORDER BY " + some)
                            + ")";
            case 4 ->
                    choice.of("first_value(", "last_value(", "sum(", "count(", "max(")
                            + value
                            + ") OVER ("
                            + partition
                            + "ORDER BY "
                            + all
                            + choice.of(" ROWS ", " GROUPS ")
                            + choice.of(
                                    "BETWEEN 1 PRECEDING AND 1 FOLLOWING",
                                    "BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
                                    "BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
                                    "2 PRECEDING")
                            + choice.of(
                                    "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES")
                            + ")";
            default -> {
                List<String> integers = integers(scope);
                yield choice.of("sum(", "count(")
                        + value
                        + ") OVER ("
                        + partition
                        + "ORDER BY "
                        + choice.of(integers)
                        + " RANGE BETWEEN "
                        + choice.below(3)
                        + " PRECEDING AND "
                        + choice.below(3)
                        + " FOLLOWING)";
            }
        };
    }

    /** An UPDATE, DELETE or INSERT of a table; the rows it leaves are fixed. */
    String change() {
        Table table = choice.of(tables.tables());
        String alias = expressions.newAlias();
        List<Column> scope = RandomExpressions.columns(table, alias);
        Column column = choice.of(table.columns().subList(1, table.columns().size()));
        return switch (choice.below(7)) {
            case 4 ->
                    "UPDATE "
                            + table.name()
                            + " "
                            + alias
                            + " SET "
                            + column.name()
                            + " = "
                            + assigned(column.kind(), scope)
                            + aggregatedByKey(alias, " FROM ")
                            + " AND "
                            + expressions.condition(scope, 2)
                            + " RETURNING *";
            case 5 ->
                    "DELETE FROM "
                            + table.name()
                            + " "
                            + alias
                            + aggregatedByKey(alias, " USING ")
                            + " AND j.n % 4 = 1 RETURNING "
                            + alias
                            + ".*, j.n";
            case 6 ->
                    "MERGE INTO "
                            + table.name()
                            + " "
                            + alias
                            + " USING (SELECT DISTINCT k FROM "
                            + choice.of(tables.tables()).name()
                            + ") j ON "
                            + alias
                            + ".id = j.k WHEN MATCHED AND "
                            + expressions.condition(scope, 1)
                            + " THEN UPDATE SET "
                            + column.name()
                            + " = "
                            + assigned(column.kind(), scope)
                            + " WHEN MATCHED AND j.k > 9 THEN DELETE"
                            + " WHEN NOT MATCHED AND j.k > 2 THEN INSERT (id, k) VALUES (j.k, -j.k)";
            case 0 ->
                    "DELETE FROM "
                            + table.name()
                            + " "
                            + alias
                            + " WHERE "
                            + expressions.condition(scope, DEPTH)
                            + " AND "
                            + alias
                            + ".id % 5 = "
                            + choice.below(5);
            case 1 -> {
                List<String> names = new ArrayList<>();
                List<String> values = new ArrayList<>();
                for (Column each : table.columns()) {
                    names.add(each.name());
                    values.add(
                            each.name().equals("id")
                                    ? "(SELECT coalesce(max(id), 0) + 1 FROM " + table.name() + ")"
                                    : assigned(each.kind(), List.of()));
                }
                yield "INSERT INTO "
                        + table.name()
                        + " ("
                        + String.join(", ", names)
                        + ") VALUES ("
                        + String.join(", ", values)
                        + ") RETURNING *";
            }
            default ->
                    "UPDATE "
                            + table.name()
                            + " "
                            + alias
                            + " SET "
                            + column.name()
                            + " = "
                            + assigned(column.kind(), scope)
                            + " WHERE "
                            + expressions.condition(scope, DEPTH)
                            + " RETURNING *";
        };
    }

    /** A row of it for each value of k, so that each row meets one at most. */
    private String aggregatedByKey(String alias, String keyword) {
        return keyword
                + "(SELECT k, count(*) AS n FROM "
                + choice.of(tables.tables()).name()
                + " GROUP BY k) j WHERE j.k = "
                + alias
                + choice.of(".k", ".id");
    }

    /** numeric(8,2) is as large as a column's other values, or later sums overflow. */
    private String assigned(Kind kind, List<Column> scope) {
        return switch (kind) {
            case NUMERIC, INTEGER, BIGINT, DOUBLE, ARRAY ->
                    choice.percent(20) ? "NULL" : kind.value(choice);
            default -> expressions.of(kind, scope, 2);
        };
    }
}
