package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.SqlExpr.OrderItem;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.CteDefinition;
import dev.driftdb.query.plan.LogicalPlan.SortKey;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binds a whole query: WITH, set operations, VALUES, and ORDER BY and LIMIT over them. */
final class QueryBinder {
    private final BindState state;
    private final Environment environment;

    QueryBinder(BindState state, Environment environment) {
        this.state = state;
        this.environment = environment;
    }

    /**
     * @param outer the row around the query, null for none
     */
    LogicalPlan bind(Query query, @Nullable Scope outer) {
        return bind(query, outer, Unknowns.TEXT);
    }

    LogicalPlan bind(Query query, @Nullable Scope outer, Unknowns unknowns) {
        Environment here = environment;
        if (query.asOf() != null) {
            long offset = state.resolve(query.asOf());
            here = here.at(state.context.catalogAt(offset), offset);
        }
        List<CteDefinition> definitions = new ArrayList<>();
        here =
                new CommonTableBinder(state)
                        .bind(query.with(), query.recursive(), here, outer, definitions)
                        .inner();
        LogicalPlan plan = body(query, here, outer, unknowns);
        return definitions.isEmpty() ? plan : new LogicalPlan.With(definitions, plan);
    }

    private LogicalPlan body(
            Query query, Environment here, @Nullable Scope outer, Unknowns unknowns) {
        if (query.withTies() && query.orderBy().isEmpty()) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "WITH TIES cannot be specified without ORDER BY clause",
                    query.position());
        }
        return switch (query.body()) {
            case Query.Select select ->
                    new SelectBinder(state, here, outer).bind(select, query, unknowns);
            case Query.Values values -> {
                refuseLocking(query, "VALUES");
                LogicalPlan rows = values(values, here, outer, unknowns);
                yield finish(query, rows, here, outer, true);
            }
            case Query.SetOperation operation -> {
                refuseLocking(query, "UNION/INTERSECT/EXCEPT");
                LogicalPlan rows = setOperation(operation, here, outer);
                yield finish(query, rows, here, outer, false);
            }
        };
    }

    private static void refuseLocking(Query query, String what) {
        if (!query.locking().isEmpty()) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "FOR "
                            + query.locking().getFirst().strength().name().replace('_', ' ')
                            + (what.equals("VALUES")
                                    ? " cannot be applied to VALUES"
                                    : " is not allowed with UNION/INTERSECT/EXCEPT"));
        }
    }

    private LogicalPlan values(
            Query.Values values, Environment here, @Nullable Scope outer, Unknowns unknowns) {
        ExpressionBinder binder =
                new ExpressionBinder(state, here, Scope.empty(outer), Clause.plain("VALUES"));
        List<List<Expr>> rows = new ArrayList<>();
        int width = values.rows().getFirst().size();
        for (List<SqlExpr> row : values.rows()) {
            if (row.size() != width) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "VALUES lists must all be the same length",
                        row.isEmpty() ? 0 : row.getFirst().position());
            }
            rows.add(binder.bindAll(row));
        }
        List<OutputColumn> columns = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            List<Expr> column = new ArrayList<>();
            for (List<Expr> row : rows) {
                column.add(row.get(i));
            }
            boolean unknown = column.stream().allMatch(e -> e.type().equals(Types.UNKNOWN));
            List<Expr> converted = new ArrayList<>();
            if (unknown) {
                for (Expr value : column) {
                    converted.add(unknowns.resolve(state.coercion, value, i));
                }
            } else {
                SqlType type = state.coercion.common(column, "VALUES");
                converted.addAll(state.coercion.toCommon(column, type, "VALUES"));
            }
            for (int r = 0; r < rows.size(); r++) {
                rows.get(r).set(i, converted.get(r));
            }
            columns.add(
                    new OutputColumn(
                            "column" + (i + 1),
                            converted.getFirst().type(),
                            Coercion.commonTypmod(converted),
                            0,
                            0));
        }
        return new LogicalPlan.Values(rows, columns);
    }

    private LogicalPlan setOperation(
            Query.SetOperation operation, Environment here, @Nullable Scope outer) {
        String kind = operation.kind().name();
        QueryBinder binder = new QueryBinder(state, here);
        LogicalPlan left = binder.bind(operation.left(), outer, Unknowns.KEEP);
        LogicalPlan right = binder.bind(operation.right(), outer, Unknowns.KEEP);
        requireSameWidth(
                kind,
                left.columns().size(),
                right.columns().size(),
                outputPosition(operation.right(), 0));
        List<SqlType> types = commonTypes(kind, left, right, operation.right());
        left = typed(binder, operation.left(), left, outer, types, kind);
        right = typed(binder, operation.right(), right, outer, types, kind);
        List<OutputColumn> columns = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            OutputColumn l = left.columns().get(i);
            int typmod = l.typmod() == right.columns().get(i).typmod() ? l.typmod() : -1;
            columns.add(new OutputColumn(l.name(), types.get(i), typmod, 0, 0));
            if (operation.kind() != Query.SetKind.UNION || !operation.all()) {
                SortKeys.requireEquality(types.get(i), outputPosition(operation.left(), i));
            }
        }
        return new LogicalPlan.SetOperation(
                operation.kind(), operation.all(), left, right, columns);
    }

    /** Where an output column of a query is written, of a set operation in its first side. */
    static int outputPosition(Query query, int column) {
        return switch (query.body()) {
            case Query.SetOperation operation -> outputPosition(operation.left(), column);
            case Query.Values values ->
                    column < values.rows().getFirst().size()
                            ? values.rows().getFirst().get(column).position()
                            : query.position();
            case Query.Select select -> {
                int at = 0;
                for (Query.SelectItem item : select.items()) {
                    if (at == column || item.expression() instanceof SqlExpr.Star) {
                        yield start(item.expression());
                    }
                    at++;
                }
                yield query.position();
            }
        };
    }

    private static int start(SqlExpr written) {
        return switch (written) {
            case SqlExpr.Cast cast -> start(cast.operand());
            case SqlExpr.Binary binary -> start(binary.left());
            default -> written.position();
        };
    }

    static void requireSameWidth(String kind, int left, int right, int position) {
        if (left != right) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "each " + kind + " query must have the same number of columns",
                    position);
        }
    }

    private List<SqlType> commonTypes(
            String kind, LogicalPlan left, LogicalPlan right, Query written) {
        List<SqlType> types = new ArrayList<>();
        for (int i = 0; i < left.columns().size(); i++) {
            Expr l = Plans.input(i, left.columns().get(i));
            Expr r = state.at(Plans.input(i, right.columns().get(i)), outputPosition(written, i));
            types.add(state.coercion.common(List.of(l, r), kind));
        }
        return types;
    }

    /** Binds a side again if it still has columns without a type, then converts the others. */
    private LogicalPlan typed(
            QueryBinder binder,
            Query query,
            LogicalPlan plan,
            @Nullable Scope outer,
            List<SqlType> types,
            String kind) {
        LogicalPlan side = plan;
        if (plan.columns().stream().anyMatch(c -> c.type().equals(Types.UNKNOWN))) {
            side = binder.bind(query, outer, Unknowns.as(types));
        }
        List<Expr> converted = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            converted.addAll(
                    state.coercion.toCommon(
                            List.of(Plans.input(i, side.columns().get(i))), types.get(i), kind));
        }
        return Plans.converted(side, converted);
    }

    /** ORDER BY and LIMIT over rows that have no other names than those of their columns. */
    private LogicalPlan finish(
            Query query,
            LogicalPlan rows,
            Environment here,
            @Nullable Scope outer,
            boolean expressions) {
        LogicalPlan plan = rows;
        List<SortKey> keys = new ArrayList<>();
        for (OrderItem item : query.orderBy()) {
            keys.add(SortKeys.of(item, key(item, rows, here, outer, expressions)));
        }
        if (!keys.isEmpty()) {
            plan = new LogicalPlan.Sort(plan, keys);
        }
        return new LimitBinder(state, here, Scope.empty(outer)).limit(query, plan, keys);
    }

    private Expr key(
            OrderItem item,
            LogicalPlan rows,
            Environment here,
            @Nullable Scope outer,
            boolean expressions) {
        List<OutputColumn> columns = rows.columns();
        SqlExpr written = item.expression();
        int position = written.position();
        int index = Ordinals.constant(written, columns.size(), "ORDER BY");
        if (index >= 0) {
            return Plans.input(index, columns.get(index));
        }
        if (written instanceof SqlExpr.ColumnRef name && name.parts().size() == 1) {
            int found = -1;
            for (int i = 0; i < columns.size(); i++) {
                if (columns.get(i).name().equals(name.parts().getFirst())) {
                    if (found >= 0) {
                        throw new SqlException(
                                SqlState.AMBIGUOUS_COLUMN,
                                "ORDER BY \"" + name.parts().getFirst() + "\" is ambiguous",
                                position);
                    }
                    found = i;
                }
            }
            if (found >= 0) {
                return Plans.input(found, columns.get(found));
            }
        }
        if (!expressions && !(written instanceof SqlExpr.ColumnRef)) {
            throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
                            start(written))
                    .withDetail(
                            "Only result column names can be used, not expressions or"
                                    + " functions.")
                    .withHint(
                            "Add the expression/function to every SELECT, or move the UNION"
                                    + " into a FROM clause.");
        }
        Namespace names = FromBinder.relation(state, columns, "*VALUES*", List.of(), position);
        return new ExpressionBinder(state, here, Scope.of(outer, names), Clause.plain("ORDER BY"))
                .value(written);
    }
}
