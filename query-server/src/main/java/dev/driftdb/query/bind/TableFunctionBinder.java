package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.query.bind.FromBinder.From;
import dev.driftdb.query.bind.Namespace.Column;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.RecordFunctions;
import dev.driftdb.query.function.RowsFrom;
import dev.driftdb.query.function.TableFunction;
import dev.driftdb.query.plan.LogicalPlan;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binds functions in FROM: one, or several side by side. */
final class TableFunctionBinder {
    private final BindState state;
    private final Environment environment;

    /**
     * One function's rows.
     *
     * @param scalar whether the function returns values, not rows
     */
    private record Source(
            TableFunction function,
            List<Expr> arguments,
            List<OutputColumn> columns,
            boolean scalar) {}

    TableFunctionBinder(BindState state, Environment environment) {
        this.state = state;
        this.environment = environment;
    }

    From bind(TableExpr.Function item, @Nullable Scope parent) {
        ExpressionBinder binder =
                new ExpressionBinder(
                        state, environment, Scope.empty(parent), Clause.plain("functions in FROM"));
        List<SqlExpr> calls = calls(item.call());
        String own = OutputNames.of(calls.getFirst());
        String name = item.alias() == null ? own : item.alias();
        List<Source> sources = new ArrayList<>();
        for (SqlExpr call : calls) {
            String column = calls.size() == 1 && item.alias() != null ? name : null;
            sources.add(source(binder, call, column, item, calls.size() == 1));
        }
        Source all = sources.size() == 1 ? sources.getFirst() : together(sources);
        List<OutputColumn> columns = new ArrayList<>(all.columns());
        UserType.Composite composite =
                all.scalar() ? all.columns().getFirst().type().composite() : null;
        if (item.withOrdinality()) {
            columns.add(OutputColumn.of("ordinality", Types.INT8));
        }
        for (int i = 0; i < Math.min(columns.size(), item.columnAliases().size()); i++) {
            OutputColumn column = columns.get(i);
            columns.set(
                    i,
                    new OutputColumn(
                            item.columnAliases().get(i),
                            column.type(),
                            column.typmod(),
                            column.tableId(),
                            column.columnNumber()));
        }
        LogicalPlan plan =
                new LogicalPlan.FunctionScan(
                        all.function(), all.arguments(), item.withOrdinality(), columns, name);
        if (composite != null) {
            return attributes(item, plan, composite, name);
        }
        List<String> aliases = item.columnTypes().isEmpty() ? item.columnAliases() : List.of();
        Namespace names = FromBinder.relation(state, columns, name, aliases, item.position());
        return new From(plan, all.scalar() && !item.withOrdinality() ? scalar(names) : names);
    }

    /** A function of rows of a composite type: its attributes are the columns. */
    private From attributes(
            TableExpr.Function item, LogicalPlan rows, UserType.Composite composite, String name) {
        Expr row = Plans.input(0, rows.columns().getFirst());
        List<Expr> values = new ArrayList<>();
        List<OutputColumn> columns = new ArrayList<>();
        List<UserType.Attribute> attributes = composite.visible();
        for (int i = 0; i < attributes.size(); i++) {
            UserType.Attribute attribute = attributes.get(i);
            values.add(RowFunctions.field(row, i, attribute.type()));
            columns.add(
                    new OutputColumn(attribute.name(), attribute.type(), attribute.typmod(), 0, 0));
        }
        if (item.withOrdinality()) {
            columns.add(rows.columns().get(1));
            values.add(Plans.input(1, rows.columns().get(1)));
        }
        return new From(
                new LogicalPlan.Project(rows, values, columns),
                FromBinder.relation(state, columns, name, item.columnAliases(), item.position()));
    }

    private static Namespace scalar(Namespace names) {
        Relation relation = names.relations().getFirst();
        List<Column> columns = relation.columns();
        return Namespace.of(
                new Relation(relation.name(), null, null, columns, relation.hidden(), null, true),
                columns.size());
    }

    /** unnest of several arrays is one unnest of each, side by side. */
    private static List<SqlExpr> calls(SqlExpr written) {
        if (!(written instanceof SqlExpr.FunctionCall call)) {
            return List.of(written);
        }
        if (call.name().last().equals(TableExpr.Function.ROWS_FROM)) {
            List<SqlExpr> calls = new ArrayList<>();
            for (SqlExpr argument : call.arguments()) {
                calls.addAll(calls(argument));
            }
            return calls;
        }
        boolean several =
                call.name().last().equals("unnest")
                        && call.name().parts().size() == 1
                        && call.arguments().size() > 1
                        && !call.variadic();
        return several
                ? call.arguments().stream()
                        .map(argument ->
                                (SqlExpr)
                                        SqlExpr.FunctionCall.of(
                                                "unnest", List.of(argument), call.position()))
                        .toList()
                : List.of(call);
    }

    private Source source(
            ExpressionBinder binder,
            SqlExpr written,
            @Nullable String columnName,
            TableExpr.Function item,
            boolean alone) {
        CallBinder.Resolved<TableFunction> resolved =
                written instanceof SqlExpr.FunctionCall call
                        ? new CallBinder(binder).tableFunction(call)
                        : null;
        boolean defined = !item.columnTypes().isEmpty();
        if (defined && item.withOrdinality()) {
            throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "WITH ORDINALITY cannot be used with a column definition list",
                            item.definitionPosition())
                    .withHint("Put the column definition list inside ROWS FROM().");
        }
        if (resolved == null) {
            Expr value = binder.value(written);
            if (defined) {
                throw notRecord(item);
            }
            String shown = columnName == null ? OutputNames.of(written) : columnName;
            OutputColumn column = new OutputColumn(shown, value.type(), value.typmod(), 0, 0);
            return new Source(RowsFrom.value(value.type()), List.of(value), List.of(column), true);
        }
        TableFunction function = resolved.function();
        if (RecordFunctions.isRecord(function)) {
            if (!defined || !alone) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "a column definition list is required for functions returning \"record\"",
                        written.position());
            }
            return record(function, resolved.arguments(), item);
        }
        if (defined) {
            throw function.columnTypes().size() > 1
                    ? new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "a column definition list is redundant for a function with OUT"
                                    + " parameters",
                            item.definitionPosition())
                    : notRecord(item);
        }
        List<SqlType> types = CallBinder.columnTypes(function, resolved.types());
        List<OutputColumn> columns = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            String column = function.columnNames().get(i);
            boolean unnamed = types.size() == 1 && column.equals(function.name());
            columns.add(
                    OutputColumn.of(
                            unnamed && columnName != null ? columnName : column, types.get(i)));
        }
        return new Source(function, resolved.arguments(), columns, types.size() == 1);
    }

    private static SqlException notRecord(TableExpr.Function item) {
        return new SqlException(
                SqlState.SYNTAX_ERROR,
                "a column definition list is only allowed for functions returning \"record\"",
                item.definitionPosition());
    }

    private Source record(TableFunction function, List<Expr> arguments, TableExpr.Function item) {
        List<OutputColumn> columns = new ArrayList<>();
        for (int i = 0; i < item.columnTypes().size(); i++) {
            TypeNames.Resolved type =
                    new UserTypeNames(state, environment).resolve(item.columnTypes().get(i));
            String name = item.columnAliases().get(i);
            if (columns.stream().anyMatch(c -> c.name().equals(name))) {
                throw new SqlException(
                        SqlState.DUPLICATE_COLUMN,
                        "column name \"" + name + "\" specified more than once");
            }
            columns.add(new OutputColumn(name, type.type(), type.typmod(), 0, 0));
        }
        TableFunction shaped =
                RecordFunctions.shaped(
                        function,
                        columns.stream().map(OutputColumn::name).toList(),
                        columns.stream().map(OutputColumn::type).toList(),
                        columns.stream().map(OutputColumn::typmod).toList(),
                        state.functions);
        return new Source(shaped, arguments, columns, false);
    }

    private static Source together(List<Source> sources) {
        List<Expr> arguments = new ArrayList<>();
        List<OutputColumn> columns = new ArrayList<>();
        List<TableFunction> functions = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        for (Source source : sources) {
            functions.add(source.function());
            counts.add(source.arguments().size());
            arguments.addAll(source.arguments());
            columns.addAll(source.columns());
        }
        return new Source(RowsFrom.of(functions, counts), arguments, columns, false);
    }
}
