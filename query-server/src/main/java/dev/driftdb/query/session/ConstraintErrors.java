package dev.driftdb.query.session;

import dev.driftdb.query.define.KeyText;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Precondition;
import org.jspecify.annotations.Nullable;

/** Violated constraints and lost races as errors, worded as PostgreSQL words them. */
final class ConstraintErrors {
    private ConstraintErrors() {}

    static SqlException duplicateKey(Catalog catalog, TableDef table, IndexDef index) {
        return new SqlException(
                        SqlState.UNIQUE_VIOLATION,
                        "duplicate key value violates unique constraint \"" + index.name() + "\"")
                .withTable(catalog.schemaName(table), table.name())
                .withConstraint(index.name());
    }

    /** 23503: nothing has the key that a row refers to. */
    static SqlException noParent(Catalog catalog, ReferencePath path, @Nullable Object[] values) {
        return referencing(catalog, path)
                .withDetail(
                        "Key "
                                + KeyText.of(path.child, path.key.columns(), values)
                                + " is not present in table \""
                                + path.parent.name()
                                + "\".");
    }

    static SqlException mixedNulls(Catalog catalog, ReferencePath path) {
        return referencing(catalog, path)
                .withDetail("MATCH FULL does not allow mixing of null and nonnull key values.");
    }

    private static SqlException referencing(Catalog catalog, ReferencePath path) {
        return new SqlException(
                        SqlState.FOREIGN_KEY_VIOLATION,
                        "insert or update on table \"%s\" violates foreign key constraint \"%s\""
                                .formatted(path.child.name(), path.key.name()))
                .withTable(catalog.schemaName(path.child), path.child.name())
                .withConstraint(path.key.name());
    }

    /** 23503: rows refer to a key that goes. */
    static SqlException stillReferenced(
            Catalog catalog, ReferencePath path, @Nullable Object[] values) {
        return new SqlException(
                        SqlState.FOREIGN_KEY_VIOLATION,
                        "update or delete on table \"%s\" violates foreign key constraint \"%s\" on table \"%s\""
                                .formatted(path.parent.name(), path.key.name(), path.child.name()))
                .withDetail(
                        "Key "
                                + KeyText.of(path.parent, path.key.parentColumns(), values)
                                + " is still referenced from table \""
                                + path.child.name()
                                + "\".")
                .withTable(catalog.schemaName(path.child), path.child.name())
                .withConstraint(path.key.name());
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
