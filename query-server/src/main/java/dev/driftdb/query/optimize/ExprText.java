package dev.driftdb.query.optimize;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.Storage;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Expressions as EXPLAIN shows them. */
final class ExprText {
    private ExprText() {}

    static String of(Expr expr, List<OutputColumn> columns) {
        return switch (expr) {
            case Expr.Constant constant -> constant(constant.value(), constant.type().storage());
            case Expr.Input input ->
                    input.index() < columns.size() ? columns.get(input.index()).name() : "?column?";
            case Expr.Outer outer -> "outer." + (outer.index() + 1);
            case Expr.Parameter parameter -> "$" + parameter.number();
            case Expr.Call call -> call(call, columns);
            case Expr.Comparison c ->
                    "("
                            + of(c.left(), columns)
                            + " "
                            + c.op().symbol()
                            + " "
                            + of(c.right(), columns)
                            + ")";
            case Expr.Cast cast ->
                    "(" + of(cast.operand(), columns) + ")::" + cast.type().sqlName();
            case Expr.DomainCheck check ->
                    "(" + of(check.operand(), columns) + ")::" + check.type().sqlName();
            case Expr.And and -> "(" + list(and.terms(), columns, " AND ") + ")";
            case Expr.Or or -> "(" + list(or.terms(), columns, " OR ") + ")";
            case Expr.Not not -> "(NOT " + of(not.operand(), columns) + ")";
            case Expr.IsNull test ->
                    "("
                            + of(test.operand(), columns)
                            + (test.negated() ? " IS NOT NULL)" : " IS NULL)");
            case Expr.IsBoolean test ->
                    "("
                            + of(test.operand(), columns)
                            + (test.negated() ? " IS NOT " : " IS ")
                            + (test.value() ? "TRUE)" : "FALSE)");
            case Expr.IsDistinct test ->
                    "("
                            + of(test.left(), columns)
                            + " IS "
                            + (test.negated() ? "NOT " : "")
                            + "DISTINCT FROM "
                            + of(test.right(), columns)
                            + ")";
            case Expr.Case _ -> "CASE … END";
            case Expr.Coalesce coalesce ->
                    "COALESCE(" + list(coalesce.arguments(), columns, ", ") + ")";
            case Expr.NullIf nullIf -> "NULLIF(" + of(nullIf.value(), columns) + ", …)";
            case Expr.Extreme extreme ->
                    (extreme.greatest() ? "GREATEST(" : "LEAST(")
                            + list(extreme.arguments(), columns, ", ")
                            + ")";
            case Expr.InList in ->
                    "("
                            + of(in.operand(), columns)
                            + (in.negated() ? " <> ALL (" : " = ANY (")
                            + list(in.list(), columns, ", ")
                            + "))";
            case Expr.QuantifiedArray quantified ->
                    "("
                            + of(quantified.operand(), columns)
                            + " "
                            + (quantified.predicate().expression() instanceof Expr.Comparison c
                                    ? c.op().symbol()
                                    : "op")
                            + (quantified.all() ? " ALL (" : " ANY (")
                            + of(quantified.array(), columns)
                            + "))";
            case Expr.ScalarQuery _ -> "(SubPlan)";
            case Expr.Exists _ -> "EXISTS(SubPlan)";
            case Expr.ArrayQuery _ -> "ARRAY(SubPlan)";
            case Expr.InQuery in ->
                    "("
                            + (in.negated() ? "NOT " : "")
                            + "("
                            + list(in.operands(), columns, ", ")
                            + ") IN (hashed SubPlan))";
            case Expr.QuantifiedQuery quantified ->
                    "("
                            + of(quantified.operand(), columns)
                            + (quantified.all() ? " op ALL (SubPlan))" : " op ANY (SubPlan))");
            case Expr.ArrayConstructor array ->
                    "ARRAY[" + list(array.elements(), columns, ", ") + "]";
            case Expr.Row row -> "ROW(" + list(row.fields(), columns, ", ") + ")";
        };
    }

    private static String call(Expr.Call call, List<OutputColumn> columns) {
        String operator = call.operator();
        List<Expr> arguments = call.arguments();
        if (operator != null && arguments.size() == 2) {
            return "("
                    + of(arguments.get(0), columns)
                    + " "
                    + operator
                    + " "
                    + of(arguments.get(1), columns)
                    + ")";
        }
        if (operator != null && arguments.size() == 1) {
            return "(" + operator + " " + of(arguments.get(0), columns) + ")";
        }
        return call.function().name() + "(" + list(arguments, columns, ", ") + ")";
    }

    private static String constant(@Nullable Object value, Storage storage) {
        if (value == null) {
            return "NULL";
        }
        if (value instanceof SqlArray) {
            return "'{…}'";
        }
        return switch (storage) {
            case LONG, FLOAT4, FLOAT8, NUMERIC, BOOLEAN -> value.toString();
            default -> "'" + value.toString().replace("'", "''") + "'";
        };
    }

    static String list(List<Expr> list, List<OutputColumn> columns, String separator) {
        return list.stream().map(e -> of(e, columns)).collect(Collectors.joining(separator));
    }

    static String keys(List<SortKey> keys, List<OutputColumn> columns) {
        return keys.stream()
                .map(key ->
                        of(key.expression(), columns)
                                + (key.descending() ? " DESC" : "")
                                + (key.nullsFirst() == key.descending()
                                        ? ""
                                        : key.nullsFirst() ? " NULLS FIRST" : " NULLS LAST"))
                .collect(Collectors.joining(", "));
    }
}
