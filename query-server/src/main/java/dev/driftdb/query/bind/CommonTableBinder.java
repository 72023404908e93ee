package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.bind.Environment.CommonTable;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.BoundStatement;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.LogicalPlan.CteDefinition;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Binds WITH [RECURSIVE] lists. */
record CommonTableBinder(BindState state) {

    /**
     * @param definitions where the bound ones are added
     * @return the environment in which the query behind WITH is bound
     */
    Environment bind(
            List<Query.CommonTable> tables,
            boolean recursive,
            Environment environment,
            @Nullable Scope outer,
            List<CteDefinition> definitions) {
        Environment here = environment;
        Set<String> names = new HashSet<>();
        for (Query.CommonTable table : tables) {
            if (!names.add(table.name())) {
                throw new SqlException(
                        SqlState.DUPLICATE_ALIAS,
                        "WITH query name \"" + table.name() + "\" specified more than once");
            }
            here = here.with(define(table, recursive, here, outer, definitions));
        }
        return here;
    }

    private CommonTable define(
            Query.CommonTable table,
            boolean recursive,
            Environment here,
            @Nullable Scope outer,
            List<CteDefinition> definitions) {
        int id = state.newCommonTableId();
        String name = table.name();
        if (!(table.statement() instanceof Statement.Select select)) {
            if (!here.top()) {
                throw new SqlException(
                        SqlState.FEATURE_NOT_SUPPORTED,
                        "WITH clause containing a data-modifying statement must be at the top"
                                + " level");
            }
            BoundStatement statement =
                    new StatementBinder(state).bind(table.statement(), here.inner());
            List<OutputColumn> output = statement.output();
            definitions.add(new CteDefinition(id, name, statement, false));
            return new CommonTable(id, name, output.isEmpty() ? null : named(table, output));
        }
        if (recursive && References.mentions(select.query(), name)) {
            LogicalPlan plan = recursive(table, select.query(), id, here, outer);
            definitions.add(new CteDefinition(id, name, new BoundStatement.Select(plan), true));
            return new CommonTable(id, name, plan.columns());
        }
        LogicalPlan plan = new QueryBinder(state, here.inner()).bind(select.query(), outer);
        definitions.add(new CteDefinition(id, name, new BoundStatement.Select(plan), false));
        return new CommonTable(id, name, named(table, plan.columns()));
    }

    private List<OutputColumn> named(Query.CommonTable table, List<OutputColumn> columns) {
        FromBinder.checkAliases(table.name(), columns.size(), table.columns(), 0);
        List<OutputColumn> result = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            OutputColumn column = columns.get(i);
            if (i < table.columns().size()) {
                OutputColumn renamed =
                        new OutputColumn(
                                table.columns().get(i),
                                column.type(),
                                column.typmod(),
                                column.tableId(),
                                column.columnNumber());
                state.fields(renamed, state.fields(column));
                column = renamed;
            }
            result.add(column);
        }
        return result;
    }

    private LogicalPlan recursive(
            Query.CommonTable table, Query query, int id, Environment here, @Nullable Scope outer) {
        String name = table.name();
        if (!(query.body() instanceof Query.SetOperation operation)
                || operation.kind() != Query.SetKind.UNION
                || References.mentions(operation.left(), name)) {
            throw new SqlException(
                    SqlState.INVALID_RECURSION,
                    "recursive query \""
                            + name
                            + "\" does not have the form non-recursive-term UNION [ALL]"
                            + " recursive-term");
        }
        if (!query.orderBy().isEmpty()) {
            throw SqlException.notSupported("ORDER BY in a recursive query");
        }
        if (query.limit() != null || query.offset() != null) {
            throw SqlException.notSupported("LIMIT in a recursive query");
        }
        if (!query.with().isEmpty()) {
            throw SqlException.notSupported("WITH inside of a recursive query");
        }
        LogicalPlan base = new QueryBinder(state, here.inner()).bind(operation.left(), outer);
        List<OutputColumn> columns = new ArrayList<>();
        for (OutputColumn column : named(table, base.columns())) {
            columns.add(new OutputColumn(column.name(), column.type(), column.typmod(), 0, 0));
        }
        Environment inside = here.inner().with(new CommonTable(id, name, columns));
        LogicalPlan step =
                new QueryBinder(state, inside)
                        .bind(
                                operation.right(),
                                outer,
                                Unknowns.as(columns.stream().map(OutputColumn::type).toList()));
        QueryBinder.requireSameWidth("UNION", base, step, operation.right().position());
        List<Expr> converted = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            OutputColumn wanted = columns.get(i);
            Expr value = Plans.input(i, step.columns().get(i));
            var common = state.coercion.common(List.of(Plans.input(i, wanted), value), "UNION");
            if (!common.equals(wanted.type())) {
                throw new SqlException(
                                SqlState.DATATYPE_MISMATCH,
                                "recursive query \""
                                        + name
                                        + "\" column "
                                        + (i + 1)
                                        + " has type "
                                        + wanted.type().sqlName()
                                        + " in non-recursive term but type "
                                        + common.sqlName()
                                        + " overall",
                                operation.left().position())
                        .withHint(
                                "Cast the output of the non-recursive term to the correct"
                                        + " type.");
            }
            converted.add(state.coercion.implicit(value, wanted.type()));
        }
        return new LogicalPlan.RecursiveUnion(
                id, base, Plans.converted(step, converted), operation.all(), columns);
    }
}
