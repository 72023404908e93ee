package dev.driftdb.query.function;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.Json;
import dev.driftdb.schemas.type.JsonPath.MethodName;
import dev.driftdb.schemas.type.JsonPath.Operator;
import dev.driftdb.schemas.type.Numeric;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** The arithmetic of jsonpath and its methods over numbers. */
final class JsonPathNumbers {
    private JsonPathNumbers() {}

    private static BigDecimal number(List<Object> items, String side, Operator operator) {
        if (items.size() != 1 || !(items.getFirst() instanceof Json.Num(BigDecimal n))) {
            throw JsonPathRun.fail(
                    SqlState.SINGLETON_SQL_JSON_ITEM_REQUIRED,
                    side
                            + " operand of jsonpath operator "
                            + operator.symbol()
                            + " is not a single numeric value");
        }
        return n;
    }

    /** What an operator makes of its operands, which must be one number each. */
    static BigDecimal arithmetic(Operator operator, List<Object> lefts, List<Object> rights) {
        Numeric left = Numeric.of(number(lefts, "left", operator));
        Numeric right = Numeric.of(number(rights, "right", operator));
        try {
            Numeric result =
                    switch (operator) {
                        case ADD -> NumericMath.add(left, right);
                        case SUBTRACT -> NumericMath.subtract(left, right);
                        case MULTIPLY -> NumericMath.multiply(left, right);
                        case DIVIDE -> NumericMath.divide(left, right);
                        case MODULO -> NumericMath.remainder(left, right);
                        default -> throw new IllegalStateException("no arithmetic: " + operator);
                    };
            return result.decimal();
        } catch (SqlException e) {
            throw new JsonPathRun.Failure(e);
        }
    }

    /** abs(), floor() and ceiling(). */
    static BigDecimal rounded(MethodName name, Object item) {
        if (!(item instanceof Json.Num(BigDecimal n))) {
            throw JsonPathRun.fail(
                    SqlState.NON_NUMERIC_SQL_JSON_ITEM,
                    "jsonpath item method ."
                            + name.text()
                            + "() can only be applied to a numeric value");
        }
        return switch (name) {
            case ABS -> n.abs();
            case FLOOR -> n.setScale(0, RoundingMode.FLOOR);
            default -> n.setScale(0, RoundingMode.CEILING);
        };
    }

    /** double(): a number, or a text that is one. */
    static BigDecimal toDouble(Object item) {
        double value;
        switch (item) {
            case Json.Num(BigDecimal n) -> {
                value = n.doubleValue();
                if (Double.isInfinite(value) || (value == 0 && n.signum() != 0)) {
                    throw JsonPathRun.fail(
                            SqlState.NON_NUMERIC_SQL_JSON_ITEM,
                            "numeric argument of jsonpath item method .double() is out of range for"
                                    + " type double precision");
                }
                return n;
            }
            case Json.Str(String s) -> {
                try {
                    value = (Double) TextFormat.parse(Types.FLOAT8, s, FormatSettings.UTC);
                } catch (SqlException _) {
                    value = Double.NaN;
                }
                if (!Double.isFinite(value)) {
                    throw JsonPathRun.fail(
                            SqlState.NON_NUMERIC_SQL_JSON_ITEM,
                            "string argument of jsonpath item method .double() is not a valid"
                                    + " representation of a double precision number");
                }
            }
            default ->
                    throw JsonPathRun.fail(
                            SqlState.NON_NUMERIC_SQL_JSON_ITEM,
                            "jsonpath item method .double() can only be applied to a string or"
                                    + " numeric value");
        }
        return Casts.toNumeric(value, 15).decimal();
    }
}
