package dev.driftdb.query.optimize;

import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.operator.ColumnTest;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.expr.Expr.Comparison.Op;
import dev.driftdb.query.expr.ExprTraits;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Conditions of a scan that can be asked of a stored row's bytes. */
final class ColumnTests {
    private final List<ColumnDef> columns;
    private final Function<Expr, Eval> compile;

    /**
     * @param columns those of the scanned rows
     */
    ColumnTests(List<ColumnDef> columns, Function<Expr, Eval> compile) {
        this.columns = columns;
        this.compile = compile;
    }

    /** Null if the condition needs decoded values. */
    @Nullable ColumnTest of(Expr condition) {
        return switch (condition) {
            case Expr.Comparison c -> comparison(c);
            case Expr.InList in when !in.negated() -> list(in);
            case Expr.IsNull test -> {
                ColumnDef column = column(test.operand());
                yield column == null || column.type().storage() == Storage.ROW
                        ? null
                        : new ColumnTest.Nulls(column, test.negated());
            }
            default -> null;
        };
    }

    /** A pseudo-column is none. */
    private @Nullable ColumnDef column(Expr expr) {
        return expr instanceof Expr.Input input
                        && input.index() < columns.size()
                        && !input.type().isDomain()
                ? columns.get(input.index())
                : null;
    }

    private @Nullable ColumnTest comparison(Expr.Comparison c) {
        ColumnDef left = column(c.left());
        ColumnDef right = column(c.right());
        if (left != null && right != null) {
            return isInteger(left.type()) && isInteger(right.type())
                    ? new ColumnTest.IntegerPair(left, c.op(), right)
                    : null;
        }
        if (left != null) {
            return withValue(left, c.op(), c.right());
        }
        return right == null ? null : withValue(right, c.op().flipped(), c.left());
    }

    private @Nullable ColumnTest withValue(ColumnDef column, Op op, Expr value) {
        if (!ExprTraits.columns(value).isEmpty() || ExprTraits.isVolatile(value)) {
            return null;
        }
        SqlType type = column.type();
        return switch (type.storage()) {
            case LONG, ENUM -> new ColumnTest.Integers(column, op, compile.apply(value));
            case NUMERIC -> new ColumnTest.Numerics(column, op, compile.apply(value));
            case TEXT ->
                    op == Op.EQ || op == Op.NE
                            ? new ColumnTest.Texts(
                                    column, List.of(compile.apply(value)), op == Op.NE)
                            : null;
            default -> null;
        };
    }

    private @Nullable ColumnTest list(Expr.InList in) {
        ColumnDef column = column(in.operand());
        if (column == null) {
            return null;
        }
        boolean integers = isInteger(column.type());
        if (!integers && column.type().storage() != Storage.TEXT) {
            return null;
        }
        List<Object> values = new ArrayList<>();
        for (Expr element : in.list()) {
            if (!(element instanceof Expr.Constant constant)) {
                return null;
            }
            Object value = constant.value();
            if (value != null) {
                values.add(value);
            }
        }
        if (values.size() > LIST_MAX) {
            return null;
        }
        return integers
                ? new ColumnTest.IntegerList(
                        column, values.stream().mapToLong(value -> (Long) value).toArray())
                : new ColumnTest.Texts(
                        column,
                        values.stream().<Eval>map(value -> (row, frame) -> value).toList(),
                        false);
    }

    /** Longer lists are searched by hash. */
    private static final int LIST_MAX = 16;

    private static boolean isInteger(SqlType type) {
        return type.storage() == Storage.LONG || type.storage() == Storage.ENUM;
    }
}
