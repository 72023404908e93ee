package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.ValueOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** CASE, COALESCE and kin, tests, BETWEEN, LIKE, array constructors. */
final class ConditionalBinder {
    private final ExpressionBinder binder;
    private final OperatorBinder operators;
    private final Coercion coercion;

    ConditionalBinder(ExpressionBinder binder, OperatorBinder operators) {
        this.binder = binder;
        this.operators = operators;
        this.coercion = binder.state.coercion;
    }

    private Expr bind(SqlExpr expression) {
        return binder.bind(expression);
    }

    Expr isNull(SqlExpr.IsNull test) {
        Expr operand = bind(test.operand());
        if (operand instanceof Expr.Row row && !row.fields().isEmpty()) {
            List<Expr> terms = new ArrayList<>();
            for (Expr field : row.fields()) {
                // A row inside is no NULL, whatever its own fields are.
                terms.add(
                        field instanceof Expr.Row
                                ? new Expr.Constant(test.negated(), Types.BOOL, -1)
                                : new Expr.IsNull(field, test.negated()));
            }
            return OperatorBinder.and(terms);
        }
        return new Expr.IsNull(operand, test.negated());
    }

    Expr isBoolean(SqlExpr.IsBoolean test) {
        Boolean value = test.value();
        String shown =
                "IS "
                        + (test.negated() ? "NOT " : "")
                        + (value == null ? "UNKNOWN" : value ? "TRUE" : "FALSE");
        Expr operand = coercion.bool(bind(test.operand()), shown, test.position());
        SetCollector.refuse(operand, shown, ExpressionBinder.start(test.operand()));
        return value == null
                ? new Expr.IsNull(operand, test.negated())
                : new Expr.IsBoolean(operand, value, test.negated());
    }

    Expr between(SqlExpr.Between between) {
        if (between.operand() instanceof SqlExpr.Row) {
            return bind(comparisons(between));
        }
        Expr operand = bind(between.operand());
        Expr low = bind(between.low());
        Expr high = bind(between.high());
        for (Expr side : List.of(operand, low, high)) {
            SetCollector.refuse(
                    side,
                    between.negated() ? "OR" : "AND",
                    ExpressionBinder.start(between.operand()));
        }
        int position = between.position();
        if (!between.symmetric()) {
            return between(operand, low, high, between.negated(), position);
        }
        Expr one = between(operand, low, high, between.negated(), position);
        Expr other = between(operand, high, low, between.negated(), position);
        return between.negated()
                ? new Expr.And(List.of(one, other))
                : new Expr.Or(List.of(one, other));
    }

    /** BETWEEN of a row, whose bounds may be row subqueries, as what it stands for. */
    private static SqlExpr comparisons(SqlExpr.Between between) {
        int position = between.position();
        SqlExpr one = comparisons(between, between.low(), between.high());
        if (!between.symmetric()) {
            return one;
        }
        List<SqlExpr> both = List.of(one, comparisons(between, between.high(), between.low()));
        return between.negated() ? new SqlExpr.And(both, position) : new SqlExpr.Or(both, position);
    }

    private static SqlExpr comparisons(SqlExpr.Between between, SqlExpr low, SqlExpr high) {
        int position = between.position();
        SqlExpr row = between.operand();
        return between.negated()
                ? new SqlExpr.Or(
                        List.of(
                                new SqlExpr.Binary("<", row, low, position),
                                new SqlExpr.Binary(">", row, high, position)),
                        position)
                : new SqlExpr.And(
                        List.of(
                                new SqlExpr.Binary(">=", row, low, position),
                                new SqlExpr.Binary("<=", row, high, position)),
                        position);
    }

    private Expr between(Expr operand, Expr low, Expr high, boolean negated, int position) {
        return negated
                ? new Expr.Or(
                        List.of(
                                operators.binary("<", operand, low, position),
                                operators.binary(">", operand, high, position)))
                : new Expr.And(
                        List.of(
                                operators.binary(">=", operand, low, position),
                                operators.binary("<=", operand, high, position)));
    }

    Expr like(SqlExpr.Like like, CallBinder calls) {
        SqlExpr written = like.escape();
        String symbol;
        if (like.operand() instanceof SqlExpr.Row
                && like.pattern() instanceof SqlExpr.ScalarQuery
                && like.kind() != SqlExpr.LikeKind.SIMILAR
                && written == null) {
            symbol = like.kind() == SqlExpr.LikeKind.ILIKE ? "~~*" : "~~";
            return bind(
                    new SqlExpr.Binary(
                            like.negated() ? "!" + symbol : symbol,
                            like.operand(),
                            like.pattern(),
                            like.position()));
        }
        Expr operand = bind(like.operand());
        Expr pattern = bind(like.pattern());
        if (like.kind() == SqlExpr.LikeKind.SIMILAR) {
            symbol = "~";
            List<Expr> arguments = new ArrayList<>();
            arguments.add(pattern);
            if (written != null) {
                arguments.add(bind(written));
            }
            pattern = calls.scalar("similar_to_escape", arguments, like.position());
        } else {
            symbol = like.kind() == SqlExpr.LikeKind.ILIKE ? "~~*" : "~~";
            if (written != null) {
                pattern =
                        calls.scalar(
                                "like_escape", List.of(pattern, bind(written)), like.position());
            }
        }
        return operators.binary(
                like.negated() ? "!" + symbol : symbol, operand, pattern, like.position());
    }

    Expr choice(SqlExpr.Case choice) {
        List<Expr> results = new ArrayList<>();
        ExpressionBinder inside = binder.in(binder.clause.withoutSetCalls("CASE"));
        // PostgreSQL types the ELSE first.
        SqlExpr otherwise = choice.otherwise();
        results.add(
                otherwise == null
                        ? new Expr.Constant(null, Types.UNKNOWN, -1)
                        : inside.bind(otherwise));
        List<Expr> conditions = new ArrayList<>();
        SqlExpr written = choice.operand();
        Expr operand = written == null ? null : coercion.known(inside.bind(written));
        for (SqlExpr.When when : choice.whens()) {
            Expr condition = inside.bind(when.condition());
            conditions.add(
                    operand == null
                            ? coercion.bool(condition, "CASE/WHEN", when.condition().position())
                            : operators.binary(
                                    "=", operand, condition, when.condition().position()));
            results.add(inside.bind(when.result()));
        }
        if (operand != null && choice.whens().size() > 1 && OperatorBinder.isVolatile(operand)) {
            throw SqlException.notSupported(
                    "CASE over a volatile expression with several branches", choice.position());
        }
        SqlType type = coercion.common(results, "CASE");
        List<Expr> converted = coercion.toCommon(results, type, "CASE");
        List<Expr.Branch> branches = new ArrayList<>();
        for (int i = 0; i < conditions.size(); i++) {
            branches.add(new Expr.Branch(conditions.get(i), converted.get(i + 1)));
        }
        return new Expr.Case(branches, otherwise == null ? null : converted.getFirst(), type);
    }

    /** COALESCE, NULLIF, GREATEST, LEAST; null if the call is none of them. */
    @Nullable Expr special(SqlExpr.FunctionCall call) {
        if (call.name().parts().size() > 1) {
            return null;
        }
        return switch (call.name().last()) {
            case "coalesce" -> {
                List<Expr> arguments = common(call, "COALESCE");
                yield arguments.size() == 1
                        ? arguments.getFirst()
                        : new Expr.Coalesce(arguments, arguments.getFirst().type());
            }
            case "greatest", "least" -> {
                boolean greatest = call.name().last().equals("greatest");
                List<Expr> arguments = common(call, greatest ? "GREATEST" : "LEAST");
                SqlType type = arguments.getFirst().type();
                if (!ValueOrder.isOrdered(type)
                        || operators.comparable(
                                        Expr.Comparison.Op.LT,
                                        new Expr.Input(0, type, -1),
                                        new Expr.Input(0, type, -1))
                                == null) {
                    throw new SqlException(
                            SqlState.UNDEFINED_FUNCTION,
                            "could not identify a comparison function for type " + type.sqlName());
                }
                yield new Expr.Extreme(greatest, arguments, type);
            }
            case "nullif" -> {
                if (call.arguments().size() != 2) {
                    throw new SqlException(
                            SqlState.SYNTAX_ERROR, "syntax error at NULLIF", call.position());
                }
                Expr value = bind(call.arguments().get(0));
                Expr other = bind(call.arguments().get(1));
                Expr[] sides = operators.comparable(Expr.Comparison.Op.EQ, value, other);
                if (sides == null) {
                    // Says which operator is missing.
                    yield operators.binary("=", value, other, call.position());
                }
                // Of the first argument's type as the comparison takes it.
                yield new Expr.NullIf(sides[0], sides[1], sides[0].type());
            }
            default -> null;
        };
    }

    private List<Expr> common(SqlExpr.FunctionCall call, String name) {
        if (call.arguments().isEmpty()) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR, "syntax error at " + name, call.position());
        }
        ExpressionBinder inside =
                name.equals("COALESCE") ? binder.in(binder.clause.withoutSetCalls(name)) : binder;
        List<Expr> arguments = inside.bindAll(call.arguments());
        return coercion.toCommon(arguments, coercion.common(arguments, name), name);
    }

    Expr array(SqlExpr.ArrayConstructor array) {
        if (array.elements().isEmpty()) {
            throw new SqlException(
                            SqlState.INDETERMINATE_DATATYPE,
                            "cannot determine type of empty array",
                            array.position())
                    .withHint(
                            "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
        }
        List<Expr> elements = binder.bindAll(array.elements());
        SqlType element = coercion.common(elements, "ARRAY");
        List<Expr> converted = coercion.toCommon(elements, element, "ARRAY");
        return new Expr.ArrayConstructor(
                converted,
                element.isArray() ? element : binder.arrayOver(element, array.position()));
    }

    /** ARRAY[…]::type[]: the elements are converted one by one. */
    Expr array(SqlExpr.ArrayConstructor array, SqlType target) {
        List<Expr> elements = new ArrayList<>();
        for (SqlExpr element : array.elements()) {
            if (element instanceof SqlExpr.ArrayConstructor inner) {
                elements.add(array(inner, target));
                continue;
            }
            Expr bound = bind(element);
            SqlType wanted = bound.type().isArray() ? target : target.element();
            elements.add(coercion.explicit(bound, wanted, -1, 0));
        }
        return new Expr.ArrayConstructor(elements, target);
    }
}
