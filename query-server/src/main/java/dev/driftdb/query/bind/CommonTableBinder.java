package dev.driftdb.query.bind;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.bind.Environment.CommonTable;
import dev.driftdb.query.bind.Environment.WithList;
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
        WithList list = new WithList(tables, recursive, environment);
        Set<String> names = new HashSet<>();
        for (Query.CommonTable table : tables) {
            if (!names.add(table.name())) {
                throw new SqlException(
                        SqlState.DUPLICATE_ALIAS,
                        "WITH query name \"" + table.name() + "\" specified more than once",
                        table.position());
            }
        }
        for (Query.CommonTable table : recursive ? sorted(tables) : tables) {
            try {
                here = here.with(define(table, list, here, outer, definitions));
            } catch (SqlException e) {
                throw recursive ? e : withForwardHint(e, table, tables);
            }
        }
        return here;
    }

    /** Each table behind those that it reads; they may be written in any order. */
    private static List<Query.CommonTable> sorted(List<Query.CommonTable> tables) {
        List<Query.CommonTable> waiting = new ArrayList<>(tables);
        List<Query.CommonTable> result = new ArrayList<>();
        while (!waiting.isEmpty()) {
            Query.CommonTable next = null;
            for (Query.CommonTable candidate : waiting) {
                boolean free =
                        waiting.stream()
                                .noneMatch(other ->
                                        !other.name().equals(candidate.name())
                                                && References.mentions(
                                                        candidate.statement(), other.name()));
                if (free) {
                    next = candidate;
                    break;
                }
            }
            if (next == null) {
                throw new SqlException(
                        SqlState.FEATURE_NOT_SUPPORTED,
                        "mutual recursion between WITH items is not implemented",
                        waiting.getFirst().position());
            }
            waiting.remove(next);
            result.add(next);
        }
        return result;
    }

    /** A relation that is not there but will be: PostgreSQL says so. */
    private static SqlException withForwardHint(
            SqlException error, Query.CommonTable table, List<Query.CommonTable> tables) {
        for (Query.CommonTable later : tables.subList(tables.indexOf(table), tables.size())) {
            String message = "relation \"" + later.name() + "\" does not exist";
            if (error.state() == SqlState.UNDEFINED_TABLE && message.equals(error.getMessage())) {
                return error.withDetail(
                                "There is a WITH item named \""
                                        + later.name()
                                        + "\", but it cannot be referenced from this part of the"
                                        + " query.")
                        .withHint(
                                "Use WITH RECURSIVE, or re-order the WITH items to remove forward"
                                        + " references.");
            }
        }
        return error;
    }

    private CommonTable define(
            Query.CommonTable table,
            WithList list,
            Environment here,
            @Nullable Scope outer,
            List<CteDefinition> definitions) {
        boolean recursive = list.recursive();
        Long asOf = here.asOf();
        int id = state.newCommonTableId();
        String name = table.name();
        boolean extended = table.search() != null || table.cycle() != null;
        if (extended
                && !(recursive
                        && table.statement() instanceof DataStatement.Select query
                        && References.mentions(query.query(), name))) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR, "WITH query is not recursive", table.position());
        }
        if (!(table.statement() instanceof DataStatement.Select select)) {
            if (!here.top()) {
                throw new SqlException(
                        SqlState.FEATURE_NOT_SUPPORTED,
                        "WITH clause containing a data-modifying statement must be at the top"
                                + " level",
                        table.position());
            }
            if (recursive && References.mentions(table.statement(), name)) {
                throw new SqlException(
                        SqlState.INVALID_RECURSION,
                        "recursive query \""
                                + name
                                + "\" must not contain data-modifying statements",
                        table.position());
            }
            BoundStatement statement =
                    new StatementBinder(state).bind(table.statement(), here.inner());
            List<OutputColumn> output = statement.output();
            definitions.add(new CteDefinition(id, name, statement, false));
            return new CommonTable(
                    id, name, output.isEmpty() ? null : named(table, output), asOf, list, 0);
        }
        if (recursive && References.mentions(select.query(), name)) {
            LogicalPlan plan = recursive(table, select.query(), id, here, outer);
            definitions.add(new CteDefinition(id, name, new BoundStatement.Select(plan), true));
            return new CommonTable(id, name, plan.columns(), asOf, list, 0);
        }
        LogicalPlan plan = new QueryBinder(state, here.inner()).bind(select.query(), outer);
        definitions.add(new CteDefinition(id, name, new BoundStatement.Select(plan), false));
        return new CommonTable(id, name, named(table, plan.columns()), asOf, list, 0);
    }

    private List<OutputColumn> named(Query.CommonTable table, List<OutputColumn> columns) {
        if (table.columns().size() > columns.size()) {
            throw new SqlException(
                    SqlState.INVALID_COLUMN_REFERENCE,
                    "WITH query \""
                            + table.name()
                            + "\" has "
                            + columns.size()
                            + " columns available but "
                            + table.columns().size()
                            + " columns specified",
                    table.position());
        }
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
                || operation.kind() != Query.SetKind.UNION) {
            throw new SqlException(
                    SqlState.INVALID_RECURSION,
                    "recursive query \""
                            + name
                            + "\" does not have the form non-recursive-term UNION [ALL]"
                            + " recursive-term",
                    table.position());
        }
        refuse(
                "ORDER BY",
                query.orderBy().isEmpty() ? null : query.orderBy().getFirst().expression());
        refuse("OFFSET", query.offset());
        refuse("LIMIT", query.limit());
        if (!query.with().isEmpty()) {
            throw SqlException.notSupported("WITH inside of a recursive query");
        }
        if (References.mentions(operation.left(), name)) {
            refuseInBase(table, operation.left(), id, here, outer);
        }
        LogicalPlan base = new QueryBinder(state, here.inner()).bind(operation.left(), outer);
        List<OutputColumn> columns = new ArrayList<>();
        for (OutputColumn column : named(table, base.columns())) {
            columns.add(new OutputColumn(column.name(), column.type(), column.typmod(), 0, 0));
        }
        SearchBinder extension =
                table.search() == null && table.cycle() == null
                        ? null
                        : new SearchBinder(state, here.inner(), table);
        if (extension != null) {
            extension.check(columns);
        }
        List<OutputColumn> added = extension == null ? List.of() : extension.columns();
        Environment inside =
                here.inner()
                        .with(
                                new CommonTable(
                                        id,
                                        name,
                                        Plans.concat(columns, added),
                                        here.asOf(),
                                        null,
                                        added.size()));
        state.recursing.add(id);
        LogicalPlan step =
                new QueryBinder(state, inside)
                        .bind(
                                extension == null
                                        ? operation.right()
                                        : extension.step(operation, columns.size()),
                                outer,
                                Unknowns.as(columns.stream().map(OutputColumn::type).toList()));
        state.recursing.remove(id);
        RecursionRules.check(state, id, name, step);
        QueryBinder.requireSameWidth(
                "UNION",
                base.columns().size(),
                step.columns().size() - added.size(),
                QueryBinder.outputPosition(operation.right(), 0));
        for (int i = 0; i < columns.size() && !operation.all(); i++) {
            SortKeys.requireEquality(
                    columns.get(i).type(), QueryBinder.outputPosition(operation.left(), i));
        }
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
                                QueryBinder.outputPosition(operation.left(), i))
                        .withHint(
                                "Cast the output of the non-recursive term to the correct"
                                        + " type.");
            }
            converted.add(state.coercion.implicit(value, wanted.type()));
        }
        if (extension == null) {
            return new LogicalPlan.RecursiveUnion(
                    id, base, Plans.converted(step, converted), operation.all(), columns);
        }
        for (int i = 0; i < added.size(); i++) {
            converted.add(Plans.input(columns.size() + i, added.get(i)));
        }
        return new LogicalPlan.RecursiveUnion(
                id,
                extension.first(base, columns),
                extension.next(Plans.converted(step, converted), columns),
                operation.all(),
                Plans.concat(columns, added));
    }

    private static void refuse(String clause, @Nullable SqlExpr written) {
        if (written != null) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    clause + " in a recursive query is not implemented",
                    written.position());
        }
    }

    /** A table of another name with that of the query is meant if the query is not read. */
    private void refuseInBase(
            Query.CommonTable table, Query base, int id, Environment here, @Nullable Scope outer) {
        Environment inside =
                here.inner()
                        .with(new CommonTable(id, table.name(), List.of(), here.asOf(), null, 0));
        int[] position = {0};
        state.onScan(id, at -> position[0] = at);
        try {
            new QueryBinder(state, inside).bind(base, outer);
        } catch (SqlException e) {
            // Its columns are not known: what the query reads is all that matters here.
            if (position[0] == 0) {
                throw e;
            }
        } finally {
            state.onScan(0, null);
        }
        if (position[0] > 0) {
            throw new SqlException(
                    SqlState.INVALID_RECURSION,
                    "recursive reference to query \""
                            + table.name()
                            + "\" must not appear within its non-recursive term",
                    position[0]);
        }
    }
}
