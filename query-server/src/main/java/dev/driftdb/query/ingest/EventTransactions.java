package dev.driftdb.query.ingest;

import dev.driftdb.ingest.events.EventToTransaction;
import dev.driftdb.ingest.events.OutcomeSource;
import dev.driftdb.materializer.replica.Replica;
import dev.driftdb.query.session.Database;
import dev.driftdb.query.session.RowWriter;
import dev.driftdb.query.session.RowWriter.RowWrite;
import dev.driftdb.schemas.avro.AvroRows;
import dev.driftdb.schemas.avro.AvroSchemas;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.LogRecord.SourcePosition;
import dev.driftdb.schemas.log.Outcome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Events as transactions of this server's database. A value is an upsert of the columns it has
 * fields for, no value the deletion of the key's row. The row locks of an entry are held until its
 * outcome is known. For ingest's thread only.
 */
public final class EventTransactions implements EventToTransaction, OutcomeSource, AutoCloseable {
    private final Replica replica;
    private final RowWriter writer;

    /** What to release when the outcome of a transaction is known. */
    private final Map<UUID, Runnable> locked = new HashMap<>();

    public EventTransactions(Database database) {
        this.replica = database.replica();
        this.writer = new RowWriter(database);
    }

    @Override
    public Result convert(
            String schema,
            String table,
            UUID transactionId,
            SourcePosition source,
            @Nullable GenericRecord key,
            @Nullable GenericRecord value) {
        RowWriter.Made made =
                writer.make(
                        schema,
                        table,
                        transactionId,
                        source,
                        definition -> write(definition, key, value));
        if (made.entry() == null) {
            return new Result.Nothing();
        }
        locked.put(transactionId, made.release());
        return new Result.Entry(made.entry());
    }

    private static RowWrite write(
            TableDef table, @Nullable GenericRecord key, @Nullable GenericRecord value) {
        if (value != null) {
            return new RowWrite.Upsert(AvroRows.values(table, value));
        } else if (key == null) {
            throw new SqlException(
                    SqlState.NULL_VALUE_NOT_ALLOWED, "the event has neither key nor value");
        }
        return table.hasPrimaryKey() ? byKey(table, key) : byId(table, key);
    }

    private static RowWrite byKey(TableDef table, GenericRecord key) {
        Map<Integer, @Nullable Object> values = AvroRows.values(table, key);
        if (!values.keySet().equals(new HashSet<>(table.keyColumns()))) {
            throw new SqlException(
                    SqlState.DATATYPE_MISMATCH,
                    "the key's fields are not the primary key of table \"" + table.name() + "\"");
        }
        values.forEach((number, value) -> {
            if (value == null) {
                String column = table.column(number).name();
                throw new SqlException(
                                SqlState.NOT_NULL_VIOLATION,
                                "null in column \"" + column + "\" of the primary key")
                        .withColumn(column);
            }
        });
        return new RowWrite.DeleteByKey(values);
    }

    private static RowWrite byId(TableDef table, GenericRecord key) {
        if (key.hasField(AvroSchemas.ROW_ID_OFFSET)
                && key.hasField(AvroSchemas.ROW_ID_ORDINAL)
                && key.get(AvroSchemas.ROW_ID_OFFSET) instanceof Long offset
                && key.get(AvroSchemas.ROW_ID_ORDINAL) instanceof Integer ordinal) {
            return new RowWrite.DeleteById(offset, ordinal);
        }
        throw new SqlException(
                SqlState.DATATYPE_MISMATCH,
                "table \""
                        + table.name()
                        + "\" has no primary key: a deletion's key has the fields "
                        + AvroSchemas.ROW_ID_OFFSET
                        + " (long) and "
                        + AvroSchemas.ROW_ID_ORDINAL
                        + " (int)");
    }

    @Override
    public CompletableFuture<Outcome> outcomeOf(UUID transactionId) {
        return replica.outcomeOf(transactionId);
    }

    @Override
    public void forget(UUID transactionId) {
        replica.forget(transactionId);
        Runnable release = locked.remove(transactionId);
        if (release != null) {
            release.run();
        }
    }

    /** After ingest has stopped. */
    @Override
    public void close() {
        locked.values().forEach(Runnable::run);
        locked.clear();
        writer.close();
    }
}
