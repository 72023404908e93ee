package dev.driftdb.query.catalog;

import dev.driftdb.query.lock.LockTarget;
import dev.driftdb.query.lock.ShownLock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** pg_locks: the locks of this server. */
final class LockRows {
    private LockRows() {}

    static void define(RowSources sources) {
        sources.pgCatalog(
                "pg_locks",
                (relation, _, context) ->
                        Stream.concat(
                                context.sessions().stream()
                                        .filter(session -> session.transactionStart() != null)
                                        .map(session ->
                                                relation.row(
                                                        "locktype",
                                                        "virtualxid",
                                                        "virtualxid",
                                                        virtual(session.pid()),
                                                        "virtualtransaction",
                                                        virtual(session.pid()),
                                                        "pid",
                                                        session.pid(),
                                                        "mode",
                                                        "ExclusiveLock",
                                                        "granted",
                                                        true,
                                                        "fastpath",
                                                        true)),
                                context.locks().shown().stream().map(lock -> row(relation, lock))));
    }

    /** A session runs one transaction at a time: its process stands for it. */
    private static String virtual(int processId) {
        return processId + "/1";
    }

    private static @Nullable Object[] row(DeclaredRelation relation, ShownLock lock) {
        List<@Nullable Object> values = new ArrayList<>();
        LockTarget target = lock.target();
        if (lock.transactionId() != 0) {
            add(values, "locktype", "transactionid");
            add(values, "transactionid", (long) lock.transactionId());
        } else if (target != null) {
            describe(target, values);
        }
        add(values, "virtualtransaction", virtual(lock.processId()));
        add(values, "pid", lock.processId());
        add(values, "mode", lock.mode().shownName());
        add(values, "granted", lock.granted());
        add(values, "fastpath", false);
        add(values, "waitstart", lock.waitStartMicros());
        return relation.row(values.toArray());
    }

    private static void describe(LockTarget target, List<@Nullable Object> values) {
        switch (target) {
            case LockTarget.Row row -> {
                add(values, "locktype", "tuple");
                add(values, "database", ServerRows.DATABASE_ID);
                add(values, "relation", row.tableId());
                add(values, "page", row.page());
                add(values, "tuple", row.tuple());
            }
            case LockTarget.Key key -> {
                add(values, "locktype", "object");
                add(values, "database", ServerRows.DATABASE_ID);
                add(values, "objid", key.indexId());
            }
            case LockTarget.Table table -> {
                add(values, "locktype", "relation");
                add(values, "database", ServerRows.DATABASE_ID);
                add(values, "relation", table.tableId());
            }
            case LockTarget.Definitions _ -> {
                add(values, "locktype", "object");
                add(values, "database", ServerRows.DATABASE_ID);
            }
            case LockTarget.Advisory advisory -> {
                add(values, "locktype", "advisory");
                add(values, "database", ServerRows.DATABASE_ID);
                add(values, "classid", Integer.toUnsignedLong(advisory.high()));
                add(values, "objid", Integer.toUnsignedLong(advisory.low()));
                add(values, "objsubid", advisory.pair() ? 2 : 1);
            }
        }
    }

    private static void add(List<@Nullable Object> values, String name, @Nullable Object value) {
        values.add(name);
        values.add(value);
    }
}
