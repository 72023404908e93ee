package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Relation;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;

/** Finds the table and columns that a statement such as COPY names. */
public final class TableLookup {
    private TableLookup() {}

    public static TableDef table(DefinitionScope scope, QualifiedName name) {
        return new Names(scope).table(name);
    }

    /** The table of LOCK TABLE. */
    public static TableDef lockable(DefinitionScope scope, QualifiedName name) {
        Relation relation = new Names(scope).find(name);
        return switch (relation) {
            case TableDef table -> table;
            case null -> throw Names.unknown(name);
            case ViewDef _ -> throw SqlException.notSupported("LOCK TABLE of a view");
            default -> {
                String kind = relation instanceof SequenceDef ? "sequences" : "indexes";
                throw new SqlException(
                                SqlState.WRONG_OBJECT_TYPE,
                                "cannot lock relation \"" + name.last() + "\"")
                        .withDetail("This operation is not supported for " + kind + ".");
            }
        };
    }

    /** The named columns in order; all visible ones if none is named. */
    public static List<ColumnDef> columns(TableDef table, List<String> names) {
        if (names.isEmpty()) {
            return table.visibleColumns();
        }
        List<ColumnDef> columns = new ArrayList<>();
        for (String name : names) {
            ColumnDef column = TableDefinitions.column(table, name);
            if (columns.contains(column)) {
                throw new SqlException(
                        SqlState.DUPLICATE_COLUMN,
                        "column \"" + name + "\" specified more than once");
            }
            columns.add(column);
        }
        return columns;
    }

    public static List<OutputColumn> outputColumns(TableDef table) {
        return TableDefinitions.columnsOf(table);
    }
}
