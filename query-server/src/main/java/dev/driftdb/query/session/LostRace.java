package dev.driftdb.query.session;

import dev.driftdb.query.define.IndexKey;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.row.RowCodec;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction is told whose entry had no effect, because others came before it in the log:
 * the constraint and the key where the new state violates one, else 40001.
 */
final class LostRace {
    private final Transaction transaction;
    private final Catalog catalog;
    private final LazyContext evaluation;

    /**
     * @param catalog with the transaction's own definitions
     * @param evaluation evaluates keys
     */
    LostRace(Transaction transaction, Catalog catalog, LazyContext evaluation) {
        this.transaction = transaction;
        this.catalog = catalog;
        this.evaluation = evaluation;
    }

    /**
     * @param failed what did not hold; null if the entry came too late
     */
    SqlException error(@Nullable Precondition failed) {
        SqlException violation =
                switch (failed) {
                    case Precondition.KeyAbsent absent -> duplicateKey(absent);
                    case Precondition.RowVersion row when row.offset() == Precondition.ABSENT ->
                            duplicateRow(row);
                    case Precondition.KeyExists exists when exists.inIndex() -> noParent(exists);
                    case Precondition.RangeEmpty empty -> stillReferenced(empty);
                    case null, default -> null;
                };
        return violation == null ? serialization(failed) : violation;
    }

    private SqlException serialization(@Nullable Precondition failed) {
        String what =
                failed instanceof Precondition.DefinitionUnchanged changed
                        ? "could not serialize access: the definition of "
                                + nameOf(changed.objectId())
                                + " was changed concurrently"
                        : "could not serialize access due to concurrent update";
        return failure(what);
    }

    private static SqlException failure(String what) {
        return new SqlException(SqlState.SERIALIZATION_FAILURE, what)
                .withHint("The transaction might succeed if retried.");
    }

    /** A transaction that it has gone on from has come to nothing. */
    static SqlException predecessorFailed() {
        return failure("could not serialize access due to concurrent update");
    }

    private String nameOf(int id) {
        CatalogObject object = catalog.find(id);
        return object == null ? "a dropped object" : "\"" + object.name() + "\"";
    }

    // ---- unique keys ----

    private @Nullable SqlException duplicateKey(Precondition.KeyAbsent absent) {
        if (!(catalog.find(absent.indexId()) instanceof IndexDef index)) {
            return null;
        }
        TableDef table = catalog.findTable(index.tableId());
        if (table == null || transaction.isArbitrated(table.storageId())) {
            return null;
        }
        StatementContext context = evaluation.get();
        IndexKey keys = context.engine().indexKeys().of(context.definitions(), table, index);
        return search(
                table,
                OwnRow::bytes,
                values ->
                        Objects.equals(keys.of(values, context), absent.key())
                                ? duplicate(table, index, keys.text(values, context))
                                : null);
    }

    private @Nullable SqlException duplicateRow(Precondition.RowVersion absent) {
        TableDef table = catalog.findTableByStorage(absent.storageId());
        OwnTable own = transaction.findTable(absent.storageId());
        OwnRow row = own == null ? null : own.find(absent.key());
        byte[] bytes = row == null ? null : row.bytes();
        if (table == null || bytes == null || transaction.isArbitrated(table.storageId())) {
            return null;
        }
        for (IndexDef index : catalog.indexesOf(table.id())) {
            if (index.primary()) {
                StatementContext context = evaluation.get();
                return duplicate(
                        table,
                        index,
                        context.engine()
                                .indexKeys()
                                .of(context.definitions(), table, index)
                                .text(RowCodec.decode(table.columns(), bytes), context));
            }
        }
        return null;
    }

    private SqlException duplicate(TableDef table, IndexDef index, String key) {
        return ConstraintErrors.duplicateKey(catalog, table, index)
                .withDetail("Key " + key + " already exists.");
    }

    // ---- foreign keys ----

    private @Nullable SqlException noParent(Precondition.KeyExists exists) {
        return catalog.find(exists.storageOrIndexId()) instanceof IndexDef index
                ? search(
                        catalog.referencesTo(index.tableId()),
                        path -> path.parentIndex.id() == index.id(),
                        path ->
                                search(
                                        path.child,
                                        OwnRow::bytes,
                                        values ->
                                                Objects.equals(
                                                                path.keyOfChild(
                                                                        values, evaluation.get()),
                                                                exists.key())
                                                        ? ConstraintErrors.noParent(
                                                                catalog, path, values)
                                                        : null))
                : null;
    }

    private @Nullable SqlException stillReferenced(Precondition.RangeEmpty empty) {
        return catalog.find(empty.storageOrIndexId()) instanceof IndexDef index
                ? search(
                        catalog.referencesFrom(index.tableId()),
                        path -> path.childIndex != null && path.childIndex.id() == index.id(),
                        path ->
                                search(
                                        path.parent,
                                        row -> row.base == null ? null : row.base.row(),
                                        values ->
                                                path.keyOfParent(values) != null
                                                                && path.childRange(values)
                                                                        .from()
                                                                        .equals(empty.from())
                                                        ? ConstraintErrors.stillReferenced(
                                                                catalog, path, values)
                                                        : null))
                : null;
    }

    // ---- looking for it ----

    private @Nullable SqlException search(
            List<Catalog.Reference> references,
            Function<ReferencePath, Boolean> isConcerned,
            Function<ReferencePath, @Nullable SqlException> search) {
        for (Catalog.Reference reference : references) {
            ReferencePath path =
                    new ReferencePath(catalog, evaluation.get().functions(), reference);
            SqlException found = isConcerned.apply(path) ? search.apply(path) : null;
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** The first answer for a row of ours. */
    private @Nullable SqlException search(
            TableDef table,
            Function<OwnRow, byte @Nullable []> version,
            Function<@Nullable Object[], @Nullable SqlException> ask) {
        OwnTable own = transaction.findTable(table.storageId());
        if (own == null) {
            return null;
        }
        for (Iterable<OwnRow> rows : List.of(own.keyed(), own.appended())) {
            for (OwnRow row : rows) {
                byte[] bytes = version.apply(row);
                SqlException found =
                        bytes == null ? null : ask.apply(RowCodec.decode(table.columns(), bytes));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }
}
