package dev.driftdb.query.define;

import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.MaterializedView;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Stored texts that name types, their labels and attributes. Views know types by id; other texts,
 * and labels in any text, say the names that they had.
 */
final class TypeUses {
    private final DefinitionScope scope;

    TypeUses(DefinitionScope scope) {
        this.scope = scope;
    }

    /**
     * @param what is refused (0A000) if a stored text that meant something means nothing after it
     */
    void keepBound(String what, Runnable change) {
        Set<Integer> before = unbound();
        change.run();
        if (!before.containsAll(unbound())) {
            throw SqlException.notSupported(what);
        }
    }

    private Set<Integer> unbound() {
        Set<Integer> found = new HashSet<>();
        for (CatalogObject object : scope.catalog().objects()) {
            scope.evalContext().checkCanceled();
            try {
                bind(object);
            } catch (SqlException e) {
                found.add(object.id());
            }
        }
        return found;
    }

    /**
     * @throws SqlException if one of the object's texts means nothing
     */
    void bind(CatalogObject object) {
        switch (object) {
            case TableDef table -> bind(table);
            case IndexDef index when index.computed() -> IndexTexts.terms(scope, index);
            case ViewDef view -> scope.requireBound(view);
            case MaterializedView view -> {
                TableDef table = scope.catalog().findTable(view.tableId());
                if (table != null) {
                    scope.requireBound(MaterializedViews.asView(table, view));
                }
            }
            case TypeDef type when type.kind() instanceof TypeDef.Domain -> {
                SqlType domain = scope.catalog().findType(type.id());
                if (domain != null) {
                    scope.domainChecks(domain);
                    scope.inheritedDefault(domain);
                }
            }
            default -> {}
        }
    }

    private void bind(TableDef table) {
        List<OutputColumn> columns = TableDefinitions.columnsOf(table);
        for (ColumnDef column : table.visibleColumns()) {
            String text = column.defaultSql();
            if (text != null) {
                scope.bind(
                        scope.parse(text),
                        column.isGenerated() ? columns : List.of(),
                        column.type(),
                        column.typmod(),
                        column.isGenerated()
                                ? "column generation expressions"
                                : "DEFAULT expressions");
            }
        }
        for (Constraint constraint : table.constraints()) {
            if (constraint instanceof Constraint.Check check) {
                scope.bind(scope.parse(check.sql()), columns, Types.BOOL, -1, "check constraints");
            }
        }
    }
}
