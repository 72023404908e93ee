package dev.driftdb.query.define;

import dev.driftdb.query.bind.Binder;
import dev.driftdb.query.parse.StoredNames;
import dev.driftdb.query.plan.OutputColumn;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TypeDef;
import dev.driftdb.schemas.catalog.TypeDef.DomainCheck;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The texts of expressions in the catalog: how they are stored, and where a label is in them. */
final class StoredTexts {
    static final String GENERATED = "column generation expressions";
    static final String DEFAULTS = "DEFAULT expressions";

    private final DefinitionScope scope;

    StoredTexts(DefinitionScope scope) {
        this.scope = scope;
    }

    /** Changes a text that is bound over columns in a clause. */
    private interface Change {
        String of(String sql, List<OutputColumn> over, String clause);
    }

    /** A text as it is stored: types and relations by their ids. */
    String withIds(String sql, List<OutputColumn> over, String clause) {
        Binder.StoredUses uses = scope.storedUses(sql, over, clause);
        Map<Integer, String> names = new HashMap<>();
        uses.types().forEach((position, id) -> names.put(position, StoredNames.type(id)));
        uses.relations().forEach((position, id) -> names.put(position, StoredNames.relation(id)));
        return names.isEmpty() ? sql : dev.driftdb.query.parse.SqlParser.renamed(sql, names);
    }

    static List<OutputColumn> valueOf(TypeDef.Domain domain) {
        return List.of(new OutputColumn("value", domain.over(), domain.typmod(), 0, 0));
    }

    /**
     * The objects whose texts have a label of an enumeration, with another in its place. To be
     * asked while the old one is there.
     */
    List<CatalogObject> withLabel(int typeId, String label, String newLabel) {
        Change change =
                (sql, over, clause) -> {
                    Map<Integer, String> strings = new HashMap<>();
                    try {
                        for (Binder.LabelUse use : scope.storedUses(sql, over, clause).labels()) {
                            if (use.typeId() == typeId && use.label().equals(label)) {
                                strings.put(use.position(), newLabel);
                            }
                        }
                    } catch (SqlException e) {
                        // Of an older format and under another search path: it stays as it is.
                        return sql;
                    }
                    return strings.isEmpty() ? sql : StoredNames.withStrings(sql, strings);
                };
        List<CatalogObject> changed = new ArrayList<>();
        for (CatalogObject object : scope.catalog().objects()) {
            scope.evalContext().checkCanceled();
            CatalogObject after =
                    switch (object) {
                        case TableDef table -> changed(table, change);
                        case IndexDef index when index.computed() -> changed(index, change);
                        case TypeDef type when type.kind() instanceof TypeDef.Domain domain ->
                                type.withKind(changed(domain, change));
                        default -> object;
                    };
            if (!after.equals(object)) {
                changed.add(after);
            }
        }
        return changed;
    }

    private static TableDef changed(TableDef table, Change change) {
        TableDef result = table;
        List<OutputColumn> columns = TableDefinitions.columnsOf(table);
        for (ColumnDef column : table.visibleColumns()) {
            String sql = column.defaultSql();
            if (sql != null) {
                String text =
                        column.isGenerated()
                                ? change.of(sql, columns, GENERATED)
                                : change.of(sql, List.of(), DEFAULTS);
                if (!text.equals(sql)) {
                    result = result.withColumn(column.withDefault(text));
                }
            }
        }
        for (Constraint constraint : table.constraints()) {
            if (constraint instanceof Constraint.Check check) {
                String text = change.of(check.sql(), columns, TableConstraints.CHECK);
                if (!text.equals(check.sql())) {
                    result = result.withConstraint(check.withSql(text));
                }
            }
        }
        return result;
    }

    private IndexDef changed(IndexDef index, Change change) {
        TableDef table = scope.catalog().findTable(index.tableId());
        if (table == null) {
            return index;
        }
        List<OutputColumn> over = TableDefinitions.columnsOf(table);
        return index.withTexts(
                sql -> change.of(sql, over, IndexTexts.EXPRESSIONS),
                sql -> change.of(sql, over, IndexTexts.PREDICATES));
    }

    private static TypeDef.Domain changed(TypeDef.Domain domain, Change change) {
        List<DomainCheck> checks = new ArrayList<>();
        for (DomainCheck check : domain.checks()) {
            checks.add(
                    new DomainCheck(
                            check.id(),
                            check.name(),
                            change.of(check.sql(), valueOf(domain), TableConstraints.CHECK),
                            check.validated()));
        }
        @Nullable String value = domain.defaultSql();
        return new TypeDef.Domain(
                domain.over(),
                domain.typmod(),
                domain.notNull(),
                value == null ? null : change.of(value, List.of(), DEFAULTS),
                checks,
                domain.searchPath());
    }
}
