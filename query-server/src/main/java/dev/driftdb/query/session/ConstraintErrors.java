package dev.driftdb.query.session;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.TextFormat;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Violated constraints and lost races as errors, worded as PostgreSQL words them. */
final class ConstraintErrors {
    private ConstraintErrors() {}

    static SqlException duplicateKey(
            Catalog catalog, TableDef table, IndexDef index, @Nullable Object[] values) {
        StringJoiner names = new StringJoiner(", ", "(", ")");
        StringJoiner texts = new StringJoiner(", ", "(", ")");
        for (IndexDef.IndexColumn indexed : index.columns()) {
            ColumnDef column = table.column(indexed.number());
            Object value = values[indexed.number() - 1];
            names.add(column.name());
            texts.add(
                    value == null
                            ? "null"
                            : TextFormat.format(column.type(), value, FormatSettings.UTC));
        }
        return duplicateKey(catalog, table, index)
                .withDetail("Key " + names + "=" + texts + " already exists.");
    }

    private static SqlException duplicateKey(Catalog catalog, TableDef table, IndexDef index) {
        return new SqlException(
                        SqlState.UNIQUE_VIOLATION,
                        "duplicate key value violates unique constraint \"" + index.name() + "\"")
                .withTable(schemaName(catalog, table), table.name())
                .withConstraint(index.name());
    }

    static String schemaName(Catalog catalog, TableDef table) {
        return catalog.find(table.schemaId()) instanceof SchemaDef schema ? schema.name() : "";
    }

    /** Why an entry had no effect: somebody else's entry came before it in the log. */
    static SqlException lostRace(Catalog catalog, @Nullable Precondition failed) {
        if (failed instanceof Precondition.KeyAbsent absent
                && catalog.find(absent.indexId()) instanceof IndexDef index) {
            TableDef table = catalog.findTable(index.tableId());
            if (table != null) {
                return duplicateKey(catalog, table, index);
            }
        }
        if (failed instanceof Precondition.RowVersion row && row.offset() == Precondition.ABSENT) {
            TableDef table = catalog.findTableByStorage(row.storageId());
            if (table != null) {
                for (IndexDef index : catalog.indexesOf(table.id())) {
                    if (index.primary()) {
                        return duplicateKey(catalog, table, index);
                    }
                }
            }
        }
        String what =
                failed instanceof Precondition.DefinitionUnchanged changed
                        ? "could not serialize access: the definition of "
                                + nameOf(catalog, changed.objectId())
                                + " was changed concurrently"
                        : "could not serialize access due to concurrent update";
        return new SqlException(SqlState.SERIALIZATION_FAILURE, what)
                .withHint("The transaction might succeed if retried.");
    }

    private static String nameOf(Catalog catalog, int id) {
        CatalogObject object = catalog.find(id);
        return object == null ? "a dropped object" : "\"" + object.name() + "\"";
    }
}
