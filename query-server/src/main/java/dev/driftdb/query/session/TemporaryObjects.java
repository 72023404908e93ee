package dev.driftdb.query.session;

import dev.driftdb.query.define.Drops;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TemporarySchemas;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The temporary objects of one session. They are ordinary objects, in the log as all others, in a
 * schema that is the session's alone and goes with it. For the session's thread only.
 */
final class TemporaryObjects {
    private static final Logger LOG = LoggerFactory.getLogger(TemporaryObjects.class);

    private static final int ATTEMPTS_MAX = 10;

    private final Session session;

    /** Its name stays the session's own, even if the transaction that makes it is rolled back. */
    private @Nullable SchemaDef schema;

    /** What becomes of tables at the commit: "delete rows" or "drop", by table id. */
    private final Map<Integer, String> onCommit = new LinkedHashMap<>();

    TemporaryObjects(Session session) {
        this.session = session;
    }

    /** The name of the schema; null if the session has made nothing temporary. */
    @Nullable String schemaName() {
        return schema == null ? null : schema.name();
    }

    @Nullable SchemaDef find(Catalog catalog) {
        return schema == null ? null : catalog.findSchema(schema.name());
    }

    /** Makes the schema if it is not there. */
    SchemaDef schema(Definitions scope) {
        SchemaDef known = schema;
        if (known == null) {
            int id = scope.newId();
            known =
                    new SchemaDef(
                            id,
                            TemporarySchemas.name(session.databaseOf().nodeTag(), id),
                            scope.ownerId());
            schema = known;
            session.searchPathChanged();
        }
        if (scope.catalog().findSchema(known.name()) == null) {
            scope.write(known);
        }
        return known;
    }

    void onCommit(TableDef table, String action) {
        onCommit.put(table.id(), action);
    }

    boolean actsAtCommit() {
        return !onCommit.isEmpty();
    }

    /** ON COMMIT DELETE ROWS and ON COMMIT DROP. */
    void atCommit(Transaction ending, Catalog catalog) {
        if (onCommit.isEmpty()) {
            return;
        }
        for (Map.Entry<Integer, String> entry : Map.copyOf(onCommit).entrySet()) {
            TableDef table = catalog.findTable(entry.getKey());
            if (table == null) {
                continue;
            }
            if (entry.getValue().equals("drop")) {
                try (StatementContext context = session.open(ending)) {
                    new Drops(new Definitions(context, false)).dropOwn(table.id());
                }
                onCommit.remove(table.id());
            } else if (ending.findTable(table.storageId()) != null) {
                ending.empty(table.storageId());
            }
        }
    }

    /** DISCARD TEMP: all of them go, in the running transaction. */
    void drop() {
        if (schema != null) {
            Transaction transaction = session.block().transaction();
            drop(session, transaction, schema.name());
            onCommit.clear();
        }
    }

    /** The session has ended. */
    void end() {
        SchemaDef known = schema;
        if (known != null
                && session.databaseOf().replica().catalog().findSchema(known.name()) != null) {
            // Not on the thread that has found the connection closed: this waits for the log.
            Thread.ofVirtual().start(() -> drop(session.databaseOf(), known.name()));
        }
    }

    /** Drops what sessions of this node have left that ended with the process. */
    static void dropLeft(Database database) {
        for (SchemaDef left : database.replica().catalog().objects(SchemaDef.class)) {
            if (TemporarySchemas.isOf(database.nodeTag(), left.name())) {
                drop(database, left.name());
            }
        }
    }

    private static void drop(Database database, String name) {
        try (Session session = Session.internal(database)) {
            for (int attempt = 1; ; attempt++) {
                try {
                    drop(session, session.block().transaction(), name);
                    session.block().commit();
                    return;
                } catch (SqlException e) {
                    session.block().rollback();
                    if (e.state() != SqlState.SERIALIZATION_FAILURE || attempt == ATTEMPTS_MAX) {
                        throw e;
                    }
                }
            }
        } catch (RuntimeException e) {
            // The next start of the node drops it.
            LOG.warn("temporary schema {} could not be dropped: {}", name, e.getMessage());
        }
    }

    private static void drop(Session session, Transaction transaction, String name) {
        session.lockDefinitions(transaction);
        transaction.tag("DISCARD TEMP");
        try (StatementContext context = session.open(transaction)) {
            Definitions scope = new Definitions(context, session.block().isExplicit());
            SchemaDef now = scope.catalog().findSchema(name);
            if (now != null) {
                new Drops(scope).dropTemporary(now);
            }
        }
    }
}
