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
    static final Expr FIRST = new Expr.Constant(1L, Types.INT4, -1);
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
        int start = ExpressionBinder.start(subscript.array());
        requireArray(base.type(), brackets.size(), start);
        return brackets.stream().anyMatch(SqlExpr.Bracket::isSlice)
                ? slice(base, brackets)
                : element(base, brackets);
    }

    /** 42804 for a type that is no array, 54000 for too many subscripts. */
    static void requireArray(SqlType type, int subscripts, int position) {
        if (!type.isArray()) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "cannot subscript type "
                            + type.sqlName()
                            + " because it does not support subscripting",
                    position);
        }
        if (subscripts > SqlArray.DIMENSIONS_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "number of array dimensions ("
                            + subscripts
                            + ") exceeds the maximum allowed ("
                            + SqlArray.DIMENSIONS_MAX
                            + ")");
        }
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
        Expr number = optional(given);
        return number == null ? absent : number;
    }

    /** A subscript that must be there. */
    Expr required(@Nullable SqlExpr given) {
        return bound(given, HIGHEST);
    }

    /** The bound of a slice, null if it was left out. */
    @Nullable Expr optional(@Nullable SqlExpr given) {
        if (given == null) {
            return null;
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
        List<Expr> texts = keys(brackets).stream().map(this::text).toList();
        Expr path = new Expr.ArrayConstructor(texts, Types.TEXT_ARRAY);
        return operators.binary("#>", base, path, position);
    }

    /** The keys of jsonb's subscripts: integers or texts. */
    List<Expr> keys(List<SqlExpr.Bracket> brackets) {
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
        return keys;
    }

    Expr text(Expr key) {
        return coercion.explicit(key, Types.TEXT, -1, 0);
    }

    private Expr key(Expr index, int position) {
        SqlType type = index.type();
        boolean number = type.equals(Types.INT2) || type.equals(Types.INT4);
        if (!number && type.category() != 'S' && !type.equals(Types.UNKNOWN)) {
            throw new SqlException(
                            SqlState.DATATYPE_MISMATCH,
                            "subscript type " + type.sqlName() + " is not supported",
                            position)
                    .withHint("jsonb subscript must be coercible to either integer or text.");
        }
        return coercion.implicit(index, number ? Types.INT4 : Types.TEXT);
    }
}
