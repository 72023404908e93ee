package dev.driftdb.query.session;

import dev.driftdb.query.define.KeyText;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
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
}
