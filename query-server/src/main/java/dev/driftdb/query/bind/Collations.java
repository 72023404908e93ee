package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * COLLATE clauses of one statement. All collations order by bytes, so nothing depends on which one
 * is meant; but two that are written and differ do not go together.
 */
final class Collations {
    /**
     * @param position of the COLLATE that says it
     */
    private record Explicit(String name, int position) {}

    private final IdentityHashMap<SqlExpr, Explicit> explicit = new IdentityHashMap<>();

    /** Whether no COLLATE has been met so far. */
    boolean isEmpty() {
        return explicit.isEmpty();
    }

    /**
     * An expression whose parts are bound.
     *
     * @throws SqlException 42P21 if its operands have different explicit collations
     */
    void bound(SqlExpr expression, SqlType type) {
        switch (expression) {
            case SqlExpr.Collate collate ->
                    explicit.put(
                            collate,
                            new Explicit(
                                    collate.collation().parts().getLast(), collate.position()));
            case SqlExpr.Binary binary -> derive(binary, type, binary.left(), binary.right());
            case SqlExpr.Unary unary -> derive(unary, type, unary.operand());
            case SqlExpr.Cast cast -> derive(cast, type, cast.operand());
            case SqlExpr.Subscript subscript -> derive(subscript, type, subscript.array());
            case SqlExpr.IsDistinct test -> derive(test, type, test.left(), test.right());
            case SqlExpr.Like like -> derive(like, type, like.operand(), like.pattern());
            case SqlExpr.Between between -> {
                derive(between, type, between.operand(), between.low());
                derive(between, type, between.operand(), between.high());
            }
            case SqlExpr.InList in -> derive(in, type, with(in.operand(), in.list()));
            case SqlExpr.FunctionCall call ->
                    derive(call, type, call.arguments().toArray(SqlExpr[]::new));
            case SqlExpr.ArrayConstructor array ->
                    derive(array, type, array.elements().toArray(SqlExpr[]::new));
            case SqlExpr.Case choice -> {
                List<SqlExpr> results = new ArrayList<>();
                for (SqlExpr.When when : choice.whens()) {
                    if (choice.operand() != null) {
                        derive(when.condition(), type, choice.operand(), when.condition());
                    }
                    results.add(when.result());
                }
                if (choice.otherwise() != null) {
                    results.add(choice.otherwise());
                }
                derive(choice, type, results.toArray(SqlExpr[]::new));
            }
            default -> {}
        }
    }

    private static SqlExpr[] with(SqlExpr first, List<SqlExpr> rest) {
        List<SqlExpr> all = new ArrayList<>(rest);
        all.addFirst(first);
        return all.toArray(SqlExpr[]::new);
    }

    private void derive(SqlExpr whole, SqlType type, SqlExpr... operands) {
        Explicit common = null;
        for (SqlExpr operand : Arrays.asList(operands)) {
            Explicit own = explicit.get(operand);
            if (own != null && common != null && !own.name().equals(common.name())) {
                throw new SqlException(
                        SqlState.COLLATION_MISMATCH,
                        "collation mismatch between explicit collations \""
                                + common.name()
                                + "\" and \""
                                + own.name()
                                + "\"",
                        own.position());
            }
            common = common == null ? own : common;
        }
        if (common != null && (type.category() == 'S' || type.isArray())) {
            explicit.putIfAbsent(whole, common);
        }
    }
}
