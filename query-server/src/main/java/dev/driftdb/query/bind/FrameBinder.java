package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.WindowFrame;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.RangeFrames;
import dev.driftdb.query.plan.LogicalPlan.Frame;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binds the frame clause of a window. */
record FrameBinder(BindState state, ExpressionBinder outside) {

    /**
     * @param position of the window definition
     */
    Frame bind(WindowFrame frame, List<SortKey> orderBy, int position) {
        WindowFrame.Bound start = frame.start();
        WindowFrame.Bound end = frame.end();
        if (frame.mode() == WindowFrame.Mode.RANGE
                && (start.offset() != null || end.offset() != null)
                && orderBy.size() != 1) {
            throw new SqlException(
                    SqlState.WINDOWING_ERROR,
                    "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column",
                    position);
        }
        if (frame.mode() == WindowFrame.Mode.GROUPS && orderBy.isEmpty()) {
            throw new SqlException(
                    SqlState.WINDOWING_ERROR, "GROUPS mode requires an ORDER BY clause", position);
        }
        return new Frame(
                frame.mode(),
                start.kind(),
                offset(start.offset(), frame.mode(), orderBy),
                end.kind(),
                offset(end.offset(), frame.mode(), orderBy),
                frame.exclusion());
    }

    private @Nullable Expr offset(
            @Nullable SqlExpr written, WindowFrame.Mode mode, List<SortKey> orderBy) {
        if (written == null) {
            return null;
        }
        Expr bound = outside.in(Clause.plain("window " + mode)).bind(written);
        SqlType wanted =
                mode == WindowFrame.Mode.RANGE
                        ? rangeType(bound, orderBy.getFirst().expression().type(), written)
                        : Types.INT8;
        Expr offset = state.coercion.assignment(bound, wanted, -1);
        if (offset == null) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "argument of "
                            + mode
                            + " must be type "
                            + wanted.sqlName()
                            + ", not type "
                            + bound.type().sqlName(),
                    position(bound, written));
        }
        new Rewriter(
                        (e, depth) -> {
                            boolean own = depth == 0 && e instanceof Expr.Input;
                            if (own || (e instanceof Expr.Outer o && o.depth() == depth)) {
                                throw new SqlException(
                                        SqlState.INVALID_COLUMN_REFERENCE,
                                        "argument of " + mode + " must not contain variables",
                                        state.position(e));
                            }
                            return null;
                        })
                .expr(offset, 0);
        return offset;
    }

    private int position(Expr bound, SqlExpr written) {
        int start = start(written);
        int known = state.position(bound);
        return start > 0 ? start : known;
    }

    /** Where what is converted or computed begins; of a typed literal, the literal. */
    private static int start(SqlExpr written) {
        return switch (written) {
            case SqlExpr.Cast cast -> start(cast.operand());
            case SqlExpr.Binary binary -> start(binary.left());
            case SqlExpr.Collate collate -> start(collate.operand());
            default -> written.position();
        };
    }

    /** The type of offsets that shift the sort key's type: transformFrameOffset. */
    private SqlType rangeType(Expr offset, SqlType column, SqlExpr written) {
        List<SqlType> offered = RangeFrames.offsetTypes(column);
        SqlType given = offset.type();
        String shown = column.equals(Types.VARCHAR) ? Types.TEXT.sqlName() : column.sqlName();
        if (offered.isEmpty()) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "RANGE with offset PRECEDING/FOLLOWING is not supported for column type "
                            + shown,
                    position(offset, written));
        }
        SqlType preferred = given.equals(Types.UNKNOWN) ? column : given;
        List<SqlType> fitting = new ArrayList<>();
        for (SqlType type : offered) {
            if (state.coercion.canCoerceImplicitly(given, type)) {
                fitting.add(type);
            }
        }
        if (fitting.contains(preferred)) {
            return preferred;
        }
        if (fitting.size() == 1) {
            return fitting.getFirst();
        }
        throw new SqlException(
                        SqlState.FEATURE_NOT_SUPPORTED,
                        "RANGE with offset PRECEDING/FOLLOWING "
                                + (fitting.isEmpty()
                                        ? "is not supported"
                                        : "has multiple interpretations")
                                + " for column type "
                                + shown
                                + " and offset type "
                                + given.sqlName(),
                        position(offset, written))
                .withHint(
                        fitting.isEmpty()
                                ? "Cast the offset value to an appropriate type."
                                : "Cast the offset value to the exact intended type.");
    }
}
