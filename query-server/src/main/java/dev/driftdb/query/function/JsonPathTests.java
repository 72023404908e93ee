package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.regex.Regex;
import dev.driftdb.schemas.type.Json;
import dev.driftdb.schemas.type.JsonPath.Operator;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The predicates of jsonpath over two items; null is "unknown". */
final class JsonPathTests {
    private JsonPathTests() {}

    static @Nullable Boolean compare(
            Operator operator, Object left, Object right, boolean zoned, EvalContext context) {
        if (left instanceof JsonMoment a && right instanceof JsonMoment b) {
            Integer order = a.compare(b, zoned, context);
            return order == null ? null : holds(operator, order);
        }
        boolean leftNull = left instanceof Json.Null;
        boolean rightNull = right instanceof Json.Null;
        if (leftNull != rightNull) {
            return operator == Operator.NE;
        }
        return switch (left) {
            case Json.Null _ -> holds(operator, 0);
            case Json.Bool(boolean a) when right instanceof Json.Bool(boolean b) ->
                    holds(operator, Boolean.compare(a, b));
            case Json.Num(BigDecimal a) when right instanceof Json.Num(BigDecimal b) ->
                    holds(operator, a.compareTo(b));
            case Json.Str(String a) when right instanceof Json.Str(String b) ->
                    holds(
                            operator,
                            Arrays.compareUnsigned(
                                    a.getBytes(StandardCharsets.UTF_8),
                                    b.getBytes(StandardCharsets.UTF_8)));
            default -> null;
        };
    }

    private static Boolean holds(Operator operator, int order) {
        return switch (operator) {
            case EQ -> order == 0;
            case NE -> order != 0;
            case LT -> order < 0;
            case GT -> order > 0;
            case LE -> order <= 0;
            case GE -> order >= 0;
            default -> throw new IllegalStateException("no comparison operator " + operator);
        };
    }

    static @Nullable Boolean startsWith(Object whole, Object prefix) {
        if (whole instanceof Json.Str(String a) && prefix instanceof Json.Str(String b)) {
            return a.startsWith(b);
        }
        return null;
    }

    /** XQuery's flags: without s a dot matches no line end, with m anchors match at lines. */
    static Regex regex(String pattern, String flags) {
        String ours = flags.contains("i") ? "i" : "";
        if (flags.contains("q")) {
            ours += "q";
        } else if (flags.contains("s")) {
            ours += flags.contains("m") ? "w" : "";
        } else {
            ours += flags.contains("m") ? "n" : "p";
        }
        return Regex.compile(pattern, ours);
    }

    static @Nullable Boolean matches(Regex pattern, Object item, EvalContext context) {
        return item instanceof Json.Str(String s) ? pattern.find(s, context) : null;
    }
}
