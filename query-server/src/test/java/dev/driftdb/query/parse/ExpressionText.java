package dev.driftdb.query.parse;

import dev.driftdb.query.ast.SqlExpr;
import java.util.List;
import java.util.stream.Collectors;

/** Prints expressions with every operand in parentheses, so that precedence can be seen. */
final class ExpressionText {
    private ExpressionText() {}

    static String of(SqlExpr e) {
        return switch (e) {
            case SqlExpr.NullLiteral x -> "null";
            case SqlExpr.BooleanLiteral x -> String.valueOf(x.value());
            case SqlExpr.NumberLiteral x -> x.text();
            case SqlExpr.StringLiteral x -> "'" + x.value() + "'";
            case SqlExpr.Parameter x -> "$" + x.number();
            case SqlExpr.ColumnRef x -> String.join(".", x.parts());
            case SqlExpr.FunctionCall x ->
                    isPlain(x) ? x.name() + list(x.arguments()) : AstText.record(x);
            case SqlExpr.Unary x -> "(" + x.operator() + " " + of(x.operand()) + ")";
            case SqlExpr.Binary x ->
                    "(" + of(x.left()) + " " + x.operator() + " " + of(x.right()) + ")";
            case SqlExpr.And x -> joined(x.terms(), " and ");
            case SqlExpr.Or x -> joined(x.terms(), " or ");
            case SqlExpr.Not x -> "(not " + of(x.operand()) + ")";
            case SqlExpr.IsNull x -> "(" + of(x.operand()) + " is" + not(x.negated()) + " null)";
            case SqlExpr.IsBoolean x ->
                    "(" + of(x.operand()) + " is" + not(x.negated()) + " " + x.value() + ")";
            case SqlExpr.IsDistinct x ->
                    "("
                            + of(x.left())
                            + " is"
                            + not(x.negated())
                            + " distinct from "
                            + of(x.right())
                            + ")";
            case SqlExpr.Between x ->
                    "("
                            + of(x.operand())
                            + not(x.negated())
                            + (x.symmetric() ? " between symmetric " : " between ")
                            + of(x.low())
                            + " and "
                            + of(x.high())
                            + ")";
            case SqlExpr.Like x ->
                    "("
                            + of(x.operand())
                            + not(x.negated())
                            + (x.kind() == SqlExpr.LikeKind.LIKE ? " like " : " " + x.kind() + " ")
                            + of(x.pattern())
                            + (x.escape() == null ? "" : " escape " + of(x.escape()))
                            + ")";
            case SqlExpr.InList x ->
                    "(" + of(x.operand()) + not(x.negated()) + " in " + list(x.list()) + ")";
            case SqlExpr.Cast x -> of(x.operand()) + "::" + AstText.of(x.type());
            case SqlExpr.Collate x -> "(" + of(x.operand()) + " collate " + x.collation() + ")";
            case SqlExpr.ArrayConstructor x -> "array" + list(x.elements());
            case SqlExpr.Subscript x -> of(x.array()) + brackets(x.brackets());
            case SqlExpr.Row x -> "row" + list(x.fields());
            case SqlExpr.QuantifiedArray x ->
                    "("
                            + of(x.operand())
                            + " "
                            + x.operator()
                            + (x.all() ? " all " : " any ")
                            + of(x.array())
                            + ")";
            case SqlExpr.Star x ->
                    x.qualifier().isEmpty() ? "*" : String.join(".", x.qualifier()) + ".*";
            default -> AstText.record((Record) e);
        };
    }

    private static boolean isPlain(SqlExpr.FunctionCall call) {
        return !call.star()
                && !call.distinct()
                && !call.variadic()
                && call.orderBy().isEmpty()
                && call.filter() == null
                && call.withinGroup().isEmpty()
                && call.over() == null;
    }

    private static String not(boolean negated) {
        return negated ? " not" : "";
    }

    private static String brackets(List<SqlExpr.Bracket> brackets) {
        StringBuilder text = new StringBuilder();
        for (SqlExpr.Bracket bracket : brackets) {
            text.append('[')
                    .append(bracket.low() == null ? "" : of(bracket.low()))
                    .append(bracket.isSlice() ? ":" : "")
                    .append(bracket.high() == null ? "" : of(bracket.high()))
                    .append(']');
        }
        return text.toString();
    }

    private static String list(List<SqlExpr> list) {
        return list.stream().map(ExpressionText::of).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String joined(List<SqlExpr> list, String word) {
        return list.stream().map(ExpressionText::of).collect(Collectors.joining(word, "(", ")"));
    }
}
