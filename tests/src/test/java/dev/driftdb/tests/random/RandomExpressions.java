package dev.driftdb.tests.random;

import dev.driftdb.tests.random.RandomTables.Column;
import dev.driftdb.tests.random.RandomTables.Table;
import java.util.ArrayList;
import java.util.List;

/**
 * Expressions of a wanted type over the columns in scope, built so that no value overflows and
 * nothing is divided by zero: which of several errors comes first is not fixed.
 */
final class RandomExpressions {
    private final Choice choice;
    private final RandomTables tables;
    private int aliases;

    RandomExpressions(Choice choice, RandomTables tables) {
        this.choice = choice;
        this.tables = tables;
    }

    String newAlias() {
        return "a" + aliases++;
    }

    /** The columns of a table under an alias. */
    static List<Column> columns(Table table, String alias) {
        return table.columns().stream()
                .map(column -> new Column(alias + "." + column.name(), column.kind()))
                .toList();
    }

    String any(List<Column> scope, int depth) {
        return of(choice.of(Kind.values()), scope, depth);
    }

    /**
     * @param depth how many more levels it may have
     */
    String of(Kind kind, List<Column> scope, int depth) {
        if (depth <= 0) {
            return leaf(kind, scope);
        }
        return switch (choice.below(12)) {
            case 0, 1 -> leaf(kind, scope);
            case 2 ->
                    "CASE WHEN "
                            + condition(scope, depth - 1)
                            + " THEN "
                            + of(kind, scope, depth - 1)
                            + (choice.percent(70) ? " ELSE " + of(kind, scope, depth - 1) : "")
                            + " END";
            case 3 -> call("coalesce", kind, scope, depth - 1);
            case 4 -> call("nullif", kind, scope, depth - 1);
            case 5 ->
                    kind == Kind.BOOLEAN
                            ? condition(scope, depth - 1)
                            : call(choice.of("greatest", "least"), kind, scope, depth - 1);
            case 6 ->
                    choice.percent(40)
                            ? scalarQuery(kind, scope, depth - 1)
                            : special(kind, scope, depth);
            default -> special(kind, scope, depth);
        };
    }

    /** A function of two values of a kind. */
    private String call(String function, Kind kind, List<Column> scope, int depth) {
        return function + "(" + of(kind, scope, depth) + ", " + of(kind, scope, depth) + ")";
    }

    private String leaf(Kind kind, List<Column> scope) {
        List<Column> fitting = scope.stream().filter(column -> column.kind() == kind).toList();
        if (!fitting.isEmpty() && choice.percent(85)) {
            return choice.of(fitting).name();
        }
        if (choice.percent(8)) {
            return "CAST(NULL AS " + kind.sql() + ")";
        }
        String value = kind.value(choice);
        return switch (kind) {
            case BIGINT, NUMERIC, DOUBLE -> "CAST(" + value + " AS " + kind.sql() + ")";
            case INTEGER -> value.startsWith("-") ? "(" + value + ")" : value;
            case TEXT -> value + "::text";
            default -> value;
        };
    }

    private String special(Kind kind, List<Column> scope, int depth) {
        int less = depth - 1;
        String integer = of(Kind.INTEGER, scope, less);
        return switch (kind) {
            case INTEGER ->
                    switch (choice.below(9)) {
                        case 0 -> "(" + integer + " + " + leaf(Kind.INTEGER, scope) + ")";
                        case 1 -> "(" + integer + " - " + leaf(Kind.INTEGER, scope) + ")";
                        case 2 ->
                                "("
                                        + leaf(Kind.INTEGER, scope)
                                        + " * "
                                        + choice.of("2", "3", "(-1)")
                                        + ")";
                        case 3 -> "(" + integer + " % " + choice.of("2", "5", "(-3)") + ")";
                        case 4 -> "(" + integer + " / " + choice.of("2", "7", "(-2)") + ")";
                        case 5 -> "length(" + of(Kind.TEXT, scope, less) + ")";
                        case 6 -> "abs(" + integer + ")";
                        case 7 -> "CAST(" + of(Kind.BOOLEAN, scope, less) + " AS integer)";
                        default -> "cardinality(" + of(Kind.ARRAY, scope, less) + ")";
                    };
            case BIGINT ->
                    switch (choice.below(4)) {
                        case 0 -> "(" + of(Kind.BIGINT, scope, less) + " + " + integer + ")";
                        case 1 -> "(" + of(Kind.BIGINT, scope, less) + " / 3)";
                        case 2 -> "CAST(" + integer + " AS bigint)";
                        default ->
                                "CAST(extract(year FROM "
                                        + of(Kind.DATE, scope, less)
                                        + ") AS bigint)";
                    };
            case NUMERIC ->
                    switch (choice.below(6)) {
                        case 0 -> "(" + of(Kind.NUMERIC, scope, less) + " + " + integer + ")";
                        case 1 ->
                                "("
                                        + leaf(Kind.NUMERIC, scope)
                                        + " * "
                                        + leaf(Kind.NUMERIC, scope)
                                        + ")";
                        case 2 ->
                                "("
                                        + of(Kind.NUMERIC, scope, less)
                                        + " / "
                                        + choice.of("3", "0.7", "-8", "1000")
                                        + ")";
                        case 3 ->
                                "round("
                                        + of(Kind.NUMERIC, scope, less)
                                        + ", "
                                        + choice.of("0", "1", "3", "-1")
                                        + ")";
                        case 4 -> "CAST(" + integer + " AS numeric)";
                        default ->
                                "("
                                        + of(Kind.NUMERIC, scope, less)
                                        + " % "
                                        + choice.of("2", "1.3")
                                        + ")";
                    };
            case DOUBLE ->
                    switch (choice.below(4)) {
                        case 0 -> "(" + of(Kind.DOUBLE, scope, less) + " + " + integer + ")";
                        case 1 -> "(" + of(Kind.DOUBLE, scope, less) + " * 0.5)";
                        case 2 -> "floor(" + of(Kind.DOUBLE, scope, less) + ")";
                        default -> "CAST(" + integer + " AS double precision)";
                    };
            case TEXT ->
                    switch (choice.below(8)) {
                        case 0 ->
                                "("
                                        + of(Kind.TEXT, scope, less)
                                        + " || "
                                        + of(Kind.TEXT, scope, less)
                                        + ")";
                        case 1 ->
                                choice.of("upper(", "lower(", "trim(", "md5(", "reverse(")
                                        + of(Kind.TEXT, scope, less)
                                        + ")";
                        case 2 ->
                                "substr("
                                        + of(Kind.TEXT, scope, less)
                                        + ", "
                                        + choice.of("1", "2", "0", "-1")
                                        + ", 2)";
                        case 3 -> "CAST(" + any(scope, less) + " AS text)";
                        case 4 -> "replace(" + of(Kind.TEXT, scope, less) + ", 'a', 'zz')";
                        case 5 ->
                                choice.of("left(", "right(")
                                        + of(Kind.TEXT, scope, less)
                                        + ", "
                                        + choice.of("1", "-1", "0", "5")
                                        + ")";
                        case 6 -> "lpad(" + of(Kind.TEXT, scope, less) + ", 5, '*')";
                        default -> "concat(" + any(scope, less) + ", " + any(scope, less) + ")";
                    };
            case BOOLEAN -> condition(scope, depth);
            case DATE ->
                    choice.percent(50)
                            ? "("
                                    + of(Kind.DATE, scope, less)
                                    + " + "
                                    + leaf(Kind.INTEGER, scope)
                                    + ")"
                            : "CAST(" + of(Kind.TIMESTAMP, scope, less) + " AS date)";
            case TIMESTAMP ->
                    switch (choice.below(3)) {
                        case 0 ->
                                "("
                                        + of(Kind.TIMESTAMP, scope, less)
                                        + " + interval '1 day 02:03:04')";
                        case 1 ->
                                "date_trunc('"
                                        + choice.of("month", "hour", "year", "week")
                                        + "', "
                                        + of(Kind.TIMESTAMP, scope, less)
                                        + ")";
                        default -> "(" + of(Kind.DATE, scope, less) + " - interval '1 month')";
                    };
            case ARRAY ->
                    switch (choice.below(4)) {
                        case 0 -> "(" + of(Kind.ARRAY, scope, less) + " || " + integer + ")";
                        case 1 ->
                                "array_remove("
                                        + of(Kind.ARRAY, scope, less)
                                        + ", "
                                        + integer
                                        + ")";
                        case 2 -> "ARRAY[" + integer + ", " + leaf(Kind.INTEGER, scope) + "]";
                        default -> "(" + of(Kind.ARRAY, scope, less) + ")[1:2]";
                    };
        };
    }

    /** A boolean expression. */
    String condition(List<Column> scope, int depth) {
        int less = depth - 1;
        Kind kind = choice.of(Kind.values());
        return switch (choice.below(depth <= 0 ? 4 : 17)) {
            case 0, 1 ->
                    "("
                            + of(kind, scope, less)
                            + " "
                            + comparison()
                            + " "
                            + of(kind, scope, less)
                            + ")";
            case 2 -> "(" + of(kind, scope, less) + choice.of(" IS NULL", " IS NOT NULL") + ")";
            case 3 -> leaf(Kind.BOOLEAN, scope);
            case 4, 5 ->
                    "("
                            + condition(scope, less)
                            + choice.of(" AND ", " OR ")
                            + condition(scope, less)
                            + ")";
            case 6 -> "(NOT " + condition(scope, less) + ")";
            case 7 ->
                    "("
                            + of(kind, scope, less)
                            + " IS"
                            + not()
                            + " DISTINCT FROM "
                            + of(kind, scope, less)
                            + ")";
            case 8 ->
                    "("
                            + of(kind, scope, less)
                            + not()
                            + " BETWEEN "
                            + choice.of("", "SYMMETRIC ")
                            + of(kind, scope, less)
                            + " AND "
                            + of(kind, scope, less)
                            + ")";
            case 9 ->
                    "("
                            + of(kind, scope, less)
                            + not()
                            + " IN ("
                            + of(kind, scope, 0)
                            + ", "
                            + of(kind, scope, less)
                            + choice.of("", ", NULL")
                            + "))";
            case 10 ->
                    "("
                            + of(Kind.TEXT, scope, less)
                            + not()
                            + choice.of(" LIKE ", " ILIKE ")
                            + choice.of("'a%'", "'%b%'", "'_b'", "'%'", "'x\\%'")
                            + ")";
            case 11 ->
                    "("
                            + condition(scope, less)
                            + " IS"
                            + not()
                            + choice.of(" TRUE", " FALSE", " UNKNOWN")
                            + ")";
            case 12 -> choice.of("EXISTS ", "NOT EXISTS ") + query("1", scope, less);
            case 13 -> inQuery(kind, scope, less);
            case 14 -> {
                Table table = choice.of(tables.tables());
                String alias = newAlias();
                List<Column> inner = joined(scope, columns(table, alias));
                yield "("
                        + of(kind, scope, less)
                        + " "
                        + comparison()
                        + choice.of(" ANY ", " ALL ")
                        + "(SELECT "
                        + of(kind, inner, less)
                        + " FROM "
                        + table.name()
                        + " "
                        + alias
                        + where(inner, less)
                        + "))";
            }
            case 15 ->
                    "(("
                            + of(kind, scope, less)
                            + ", "
                            + of(Kind.INTEGER, scope, less)
                            + ") "
                            + comparison()
                            + " ("
                            + of(kind, scope, less)
                            + ", "
                            + of(Kind.INTEGER, scope, less)
                            + "))";
            default ->
                    kind.numeric()
                            ? "("
                                    + of(kind, scope, less)
                                    + " "
                                    + comparison()
                                    + " "
                                    + of(
                                            choice.of(
                                                    Kind.INTEGER,
                                                    Kind.BIGINT,
                                                    Kind.NUMERIC,
                                                    Kind.DOUBLE),
                                            scope,
                                            less)
                                    + ")"
                            : "("
                                    + of(Kind.INTEGER, scope, less)
                                    + " = ANY ("
                                    + of(Kind.ARRAY, scope, less)
                                    + "))";
        };
    }

    private String inQuery(Kind kind, List<Column> scope, int less) {
        Table table = choice.of(tables.tables());
        String alias = newAlias();
        List<Column> inner =
                choice.percent(50) ? columns(table, alias) : joined(scope, columns(table, alias));
        String from = " FROM " + table.name() + " " + alias + where(inner, less) + ")";
        if (choice.percent(25)) {
            return "(("
                    + of(kind, scope, less)
                    + ", "
                    + of(Kind.INTEGER, scope, less)
                    + ")"
                    + not()
                    + " IN (SELECT "
                    + of(kind, inner, less)
                    + ", "
                    + leaf(Kind.INTEGER, inner)
                    + from
                    + ")";
        }
        return "("
                + of(kind, scope, less)
                + not()
                + " IN (SELECT "
                + of(kind, inner, less)
                + from
                + ")";
    }

    /** (SELECT an aggregate …): always one row. */
    private String scalarQuery(Kind kind, List<Column> scope, int depth) {
        Table table = choice.of(tables.tables());
        String alias = newAlias();
        List<Column> inner = joined(scope, columns(table, alias));
        String from = " FROM " + table.name() + " " + alias + where(inner, depth) + ")";
        return switch (kind) {
            case BOOLEAN -> "(SELECT bool_or(" + own(alias, of(kind, inner, depth)) + ")" + from;
            case ARRAY ->
                    "(SELECT array_agg("
                            + own(alias, of(Kind.INTEGER, inner, depth))
                            + " ORDER BY "
                            + alias
                            + ".id)"
                            + from;
            case BIGINT ->
                    "(SELECT count(" + choice.of("*", own(alias, any(inner, depth))) + ")" + from;
            default ->
                    "(SELECT "
                            + choice.of("max(", "min(")
                            + own(alias, of(kind, inner, depth))
                            + ")"
                            + from;
        };
    }

    /** An aggregate without a column of its own query would be one of the outer query. */
    private static String own(String alias, String expression) {
        return "CASE WHEN " + alias + ".id >= 0 THEN " + expression + " END";
    }

    private String query(String list, List<Column> scope, int depth) {
        Table table = choice.of(tables.tables());
        String alias = newAlias();
        return "(SELECT "
                + list
                + " FROM "
                + table.name()
                + " "
                + alias
                + where(joined(scope, columns(table, alias)), depth)
                + ")";
    }

    String where(List<Column> scope, int depth) {
        return choice.percent(75) ? " WHERE " + condition(scope, depth) : "";
    }

    String comparison() {
        return choice.of("=", "=", "=", "<>", "<", "<=", ">", ">=");
    }

    private String not() {
        return choice.of("", "", " NOT");
    }

    static List<Column> joined(List<Column> left, List<Column> right) {
        List<Column> all = new ArrayList<>(left);
        all.addAll(right);
        return all;
    }
}
