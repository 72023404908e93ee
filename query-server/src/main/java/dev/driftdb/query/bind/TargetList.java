package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query.SelectItem;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.bind.Namespace.Column;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Select lists and RETURNING lists: stars expanded, names and origins known. */
record TargetList(BindState state, Scope scope, ExpressionBinder binder) {

    /** One output column before its type is settled. */
    record Target(Expr value, String name, int tableId, int columnNumber) {}

    List<Target> bind(List<SelectItem> items) {
        List<Target> targets = new ArrayList<>();
        for (SelectItem item : items) {
            if (item.expression() instanceof SqlExpr.Star star) {
                for (Column column : expand(star)) {
                    targets.add(target(column, star.position()));
                }
                continue;
            }
            if (item.expression() instanceof SqlExpr.FieldAccess access
                    && access.field().equals("*")) {
                targets.addAll(fields(access));
                continue;
            }
            Expr value = binder.bind(item.expression());
            String alias = item.alias();
            Column origin =
                    value instanceof Expr.Input input && input.index() >= 0
                            ? scope.namespace().columnAt(input.index())
                            : null;
            targets.add(
                    new Target(
                            value,
                            alias == null ? OutputNames.of(item.expression()) : alias,
                            origin == null ? 0 : origin.tableId(),
                            origin == null ? 0 : origin.columnNumber()));
        }
        return targets;
    }

    /** (row).*: a target for each field. */
    private List<Target> fields(SqlExpr.FieldAccess access) {
        Expr row = Domains.plain(binder.bind(access.operand()));
        List<Namespace.Field> known = state.fields(row);
        UserType.Composite composite = row.type().composite();
        List<Target> targets = new ArrayList<>();
        if (composite != null) {
            for (UserTypeNames.Attribute attribute :
                    new UserTypeNames(state, binder.environment)
                            .all(row.type(), composite, access.position())) {
                targets.add(
                        new Target(
                                RowFunctions.field(row, attribute.index(), attribute.type()),
                                attribute.name(),
                                0,
                                0));
            }
        } else if (known != null) {
            for (int i = 0; i < known.size(); i++) {
                targets.add(
                        new Target(
                                row instanceof Expr.Row given
                                        ? given.fields().get(i)
                                        : RowFunctions.field(row, i, known.get(i).type()),
                                known.get(i).name(),
                                0,
                                0));
            }
        } else if (row.type().storage() == Storage.ROW) {
            throw SqlException.notSupported("(row).* of an anonymous row", access.position());
        } else {
            throw new SqlException(
                    SqlState.WRONG_OBJECT_TYPE,
                    "type " + row.type().sqlName() + " is not composite",
                    access.operand().position());
        }
        return targets;
    }

    private Target target(Column column, int position) {
        Expr value =
                state.at(new Expr.Input(column.index(), column.type(), column.typmod()), position);
        state.fields(value, column.fields());
        if (state.references != null) {
            state.references.column(column, 0);
        }
        return new Target(value, column.name(), column.tableId(), column.columnNumber());
    }

    private List<Column> expand(SqlExpr.Star star) {
        List<String> qualifier = star.qualifier();
        Namespace names = scope.namespace();
        if (qualifier.isEmpty()) {
            if (names.relations().isEmpty()) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "SELECT * with no tables specified is not valid",
                        star.position());
            }
            return names.visible();
        }
        String table = qualifier.getLast();
        String schema = qualifier.size() > 1 ? qualifier.get(qualifier.size() - 2) : null;
        @Nullable Relation found = null;
        for (Relation relation : names.relations()) {
            if (relation.name().equals(table)
                    && (schema == null || schema.equals(relation.schema()))) {
                found = relation;
            }
        }
        if (found == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_TABLE,
                    "missing FROM-clause entry for table \"" + table + "\"",
                    star.position());
        }
        return found.columns();
    }

    /** Output columns of a list whose values need nothing further: RETURNING. */
    List<OutputColumn> columns(List<Target> targets, List<Expr> values) {
        List<OutputColumn> columns = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            Target target = targets.get(i);
            Expr value = values.get(i);
            columns.add(
                    new OutputColumn(
                            target.name(),
                            value.type(),
                            value.typmod(),
                            target.tableId(),
                            target.columnNumber()));
        }
        return columns;
    }
}
