package dev.driftdb.query.define;

import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.query.execute.eval.RowExpression;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.UserType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The types of the columns of a table that comes back: while it was away nobody asked it. */
final class RevivedTypes {
    private final DefinitionScope scope;

    RevivedTypes(DefinitionScope scope) {
        this.scope = scope;
    }

    /**
     * @param table as it was
     * @throws SqlException 42704 for a type that is there no more, 0A000 for one whose values are
     *     stored otherwise now
     */
    void require(TableDef table) {
        for (ColumnDef column : table.visibleColumns()) {
            SqlType now = scope.catalog().findType(column.type().oid());
            if (now == null) {
                throw new SqlException(
                        SqlState.UNDEFINED_OBJECT,
                        "type \""
                                + column.type().sqlName()
                                + "\" of column \""
                                + column.name()
                                + "\" of table \""
                                + table.name()
                                + "\" does not exist");
            }
            if (!readsAs(column.type(), now)) {
                throw SqlException.notSupported(
                        "UNDROP TABLE of \""
                                + table.name()
                                + "\", the type \""
                                + now.sqlName()
                                + "\" of whose column \""
                                + column.name()
                                + "\" was altered since,");
            }
        }
    }

    /** Whether stored values of a type of then are values of the one of now. */
    private static boolean readsAs(SqlType was, SqlType now) {
        if (was.oid() != now.oid()) {
            return false;
        }
        return switch (now.definition()) {
            case UserType.ArrayOf array -> readsAs(was.element(), array.element());
            case UserType.Domain domain ->
                    was.definition() instanceof UserType.Domain old
                            && readsAs(old.over(), domain.over());
            case UserType.Composite composite ->
                    was.definition() instanceof UserType.Composite old
                            && readsAs(old.attributes(), composite.attributes());
            case null, default -> true;
        };
    }

    private static boolean readsAs(List<UserType.Attribute> was, List<UserType.Attribute> now) {
        for (int i = 0; i < Math.min(was.size(), now.size()); i++) {
            UserType.Attribute attribute = now.get(i);
            if (!attribute.dropped()
                    && (attribute.typmod() != was.get(i).typmod()
                            || !readsAs(was.get(i).type(), attribute.type()))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Checks the rows against domains that have changed.
     *
     * @param table as it is now
     * @throws SqlException 23502, 23514
     */
    void checkRows(TableDef table, Catalog then) {
        for (ColumnDef column : table.visibleColumns()) {
            Expr checks = isAltered(column.type(), then) ? scope.domainChecks(column.type()) : null;
            if (checks != null) {
                checkRows(table, column, RowExpression.of(checks));
            }
        }
    }

    private boolean isAltered(SqlType type, Catalog then) {
        return scope.catalog().objects(TypeDef.class).stream()
                .anyMatch(now ->
                        TypeDefinitions.contains(type, now.id())
                                && !now.equals(then.find(now.id())));
    }

    private void checkRows(TableDef table, ColumnDef column, RowExpression checks) {
        try (RowCursor rows = scope.tables().scan(table, KeyRange.ALL, false)) {
            while (rows.next()) {
                scope.evalContext().checkCanceled();
                @Nullable Object[] value = {RowCodec.decodeColumn(column, rows.row())};
                var _ = checks.evaluate(value, scope.evalContext());
            }
        }
    }
}
