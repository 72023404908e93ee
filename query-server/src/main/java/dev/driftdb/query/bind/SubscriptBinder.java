package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binds array[…][…] and jsonb[…]. */
final class SubscriptBinder {
    private static final Expr FIRST = new Expr.Constant(1L, Types.INT4, -1);
    private static final Expr LOWEST = new Expr.Constant((long) Integer.MIN_VALUE, Types.INT4, -1);
    private static final Expr HIGHEST = new Expr.Constant((long) Integer.MAX_VALUE, Types.INT4, -1);

    private final ExpressionBinder expressions;
    private final OperatorBinder operators;
    private final Coercion coercion;

    SubscriptBinder(ExpressionBinder expressions, OperatorBinder operators, Coercion coercion) {
        this.expressions = expressions;
        this.operators = operators;
        this.coercion = coercion;
    }

    Expr bind(SqlExpr.Subscript subscript) {
        Expr base = operators.plain(expressions.bind(subscript.array()));
        List<SqlExpr.Bracket> brackets = subscript.brackets();
        if (base.type().equals(Types.JSONB)) {
            return jsonb(base, brackets, subscript.position());
        }
        if (!base.type().isArray()) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "cannot subscript type "
                            + base.type().sqlName()
                            + " because it does not support subscripting",
                    ExpressionBinder.start(subscript.array()));
        }
        if (brackets.size() > SqlArray.DIMENSIONS_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "number of array dimensions ("
                            + brackets.size()
                            + ") exceeds the maximum allowed ("
                            + SqlArray.DIMENSIONS_MAX
                            + ")");
        }
        return brackets.stream().anyMatch(SqlExpr.Bracket::isSlice)
                ? slice(base, brackets)
                : element(base, brackets);
    }

    private Expr element(Expr base, List<SqlExpr.Bracket> brackets) {
        List<Expr> indexes = new ArrayList<>();
        for (SqlExpr.Bracket bracket : brackets) {
            indexes.add(bound(bracket.high(), HIGHEST));
        }
        return RowFunctions.subscript(base, indexes, base.type().element());
    }

    /** Beside a slice, [n] means [1:n]. */
    private Expr slice(Expr base, List<SqlExpr.Bracket> brackets) {
        List<Expr> lows = new ArrayList<>();
        List<Expr> highs = new ArrayList<>();
        for (SqlExpr.Bracket bracket : brackets) {
            Expr absent = bracket.isSlice() ? LOWEST : FIRST;
            lows.add(bound(bracket.low(), absent));
            highs.add(bound(bracket.high(), HIGHEST));
        }
        return RowFunctions.slice(base, lows, highs);
    }

    private Expr bound(@Nullable SqlExpr given, Expr absent) {
        if (given == null) {
            return absent;
        }
        Expr number = coercion.assignment(expressions.bind(given), Types.INT4, -1);
        if (number == null) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "array subscript must have type integer",
                    ExpressionBinder.start(given));
        }
        return number;
    }

    private Expr jsonb(Expr base, List<SqlExpr.Bracket> brackets, int position) {
        List<Expr> keys = new ArrayList<>();
        for (SqlExpr.Bracket bracket : brackets) {
            SqlExpr given = bracket.high() == null ? bracket.low() : bracket.high();
            if (bracket.isSlice() || given == null) {
                throw new SqlException(
                        SqlState.DATATYPE_MISMATCH,
                        "jsonb subscript does not support slices",
                        given == null ? 0 : ExpressionBinder.start(given));
            }
            keys.add(key(expressions.bind(given), ExpressionBinder.start(given)));
        }
        Expr path = new Expr.ArrayConstructor(keys, Types.TEXT_ARRAY);
        return operators.binary("#>", base, path, position);
    }

    private Expr key(Expr index, int position) {
        SqlType type = index.type();
        boolean number =
                type.equals(Types.INT2) || type.equals(Types.INT4) || type.equals(Types.INT8);
        if (!number && type.category() != 'S' && !type.equals(Types.UNKNOWN)) {
            throw new SqlException(
                            SqlState.DATATYPE_MISMATCH,
                            "subscript type " + type.sqlName() + " is not supported",
                            position)
                    .withHint("jsonb subscript must be coercible to either integer or text.");
        }
        return coercion.explicit(index, Types.TEXT, -1, position);
    }
}
