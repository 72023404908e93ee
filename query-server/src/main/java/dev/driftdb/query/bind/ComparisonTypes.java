package dev.driftdb.query.bind;

import dev.driftdb.query.bind.Overloads.Candidate;
import dev.driftdb.query.expr.Expr.Comparison.Op;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The comparison operators of pg_operator, as pairs of operand types. */
final class ComparisonTypes {
    private static final List<SqlType> ORDERED =
            List.of(
                    Types.BOOL,
                    Types.BYTEA,
                    Types.CHAR,
                    Types.NAME,
                    Types.INT2,
                    Types.INT4,
                    Types.INT8,
                    Types.TEXT,
                    Types.OID,
                    Types.TID,
                    Types.FLOAT4,
                    Types.FLOAT8,
                    Types.NUMERIC,
                    Types.BPCHAR,
                    Types.DATE,
                    Types.TIME,
                    Types.TIMETZ,
                    Types.TIMESTAMP,
                    Types.TIMESTAMPTZ,
                    Types.INTERVAL,
                    Types.UUID,
                    Types.JSONB,
                    Types.PG_LSN,
                    Types.OIDVECTOR,
                    Types.ANYARRAY,
                    Types.ANYENUM,
                    Types.RECORD);

    /** With = and <> only. */
    private static final List<SqlType> EQUAL_ONLY = List.of(Types.XID, Types.CID, Types.ACLITEM);

    /** Types that compare with each other without a conversion by the user. */
    private static final List<List<SqlType>> FAMILIES =
            List.of(
                    List.of(Types.INT2, Types.INT4, Types.INT8),
                    List.of(Types.FLOAT4, Types.FLOAT8),
                    List.of(Types.DATE, Types.TIMESTAMP, Types.TIMESTAMPTZ),
                    List.of(Types.NAME, Types.TEXT));

    private static final List<Candidate<Op>> ORDERING = candidates(false);
    private static final List<Candidate<Op>> EQUALITY = candidates(true);

    private ComparisonTypes() {}

    static @Nullable Op operator(String symbol) {
        return switch (symbol) {
            case "=" -> Op.EQ;
            case "<>", "!=" -> Op.NE;
            case "<" -> Op.LT;
            case "<=" -> Op.LE;
            case ">" -> Op.GT;
            case ">=" -> Op.GE;
            default -> null;
        };
    }

    /** The operators there are; the target does not matter. */
    static List<Candidate<Op>> of(Op op) {
        return op == Op.EQ || op == Op.NE ? EQUALITY : ORDERING;
    }

    /**
     * The type that both sides are converted to so that they have one storage and one meaning; null
     * if they have that already.
     */
    static @Nullable SqlType unified(SqlType left, SqlType right) {
        if (left.equals(right)) {
            return null;
        }
        for (List<SqlType> family : FAMILIES) {
            int l = family.indexOf(left);
            int r = family.indexOf(right);
            if (l >= 0 && r >= 0) {
                boolean integers = family.getFirst().equals(Types.INT2);
                boolean texts = family.getFirst().equals(Types.NAME);
                return integers || texts ? null : family.get(Math.max(l, r));
            }
        }
        return null;
    }

    private static List<Candidate<Op>> candidates(boolean equality) {
        List<Candidate<Op>> result = new ArrayList<>();
        for (SqlType type : ORDERED) {
            result.add(new Candidate<>(Op.EQ, List.of(type, type), false));
        }
        if (equality) {
            for (SqlType type : EQUAL_ONLY) {
                result.add(new Candidate<>(Op.EQ, List.of(type, type), false));
            }
            result.add(new Candidate<>(Op.EQ, List.of(Types.XID, Types.INT4), false));
        }
        for (List<SqlType> family : FAMILIES) {
            for (SqlType left : family) {
                for (SqlType right : family) {
                    if (!left.equals(right)) {
                        result.add(new Candidate<>(Op.EQ, List.of(left, right), false));
                    }
                }
            }
        }
        return List.copyOf(result);
    }
}
