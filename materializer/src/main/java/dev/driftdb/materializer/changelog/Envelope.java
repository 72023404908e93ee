package dev.driftdb.materializer.changelog;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.schemas.avro.AvroRows;
import dev.driftdb.schemas.avro.AvroSchemas;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * The records of one definition of one table, shaped as Debezium shapes them: {@code before, after,
 * source, op, ts_ms, transaction}. Safe for any thread.
 *
 * <p>All times are the entry's append time: a record made again is the same record.
 */
public final class Envelope {
    private static final String SHARED_NAMESPACE = "driftdb.changelog";
    private static final String CONNECTOR = "driftdb";

    /** The version of this shape; one more with each change of it. */
    private static final String VERSION = "1";

    private static final Schema SOURCE =
            SchemaBuilder.record("Source")
                    .namespace(SHARED_NAMESPACE)
                    .fields()
                    .requiredString("version")
                    .requiredString("connector")
                    .requiredString("name")
                    .requiredLong("ts_ms")
                    .requiredString("db")
                    .requiredString("schema")
                    .requiredString("table")
                    .requiredLong("offset")
                    .requiredString("transaction_id")
                    .requiredLong("position")
                    .endRecord();

    private static final Schema TRANSACTION =
            SchemaBuilder.record("Transaction")
                    .namespace(SHARED_NAMESPACE)
                    .fields()
                    .requiredString("id")
                    .requiredLong("total_order")
                    .requiredLong("data_collection_order")
                    .endRecord();

    private final String database;
    private final String schemaName;
    private final TableDef table;
    private final Schema keySchema;
    private final Schema rowSchema;
    private final Schema schema;

    public Envelope(String database, String schemaName, TableDef table) {
        this.database = database;
        this.schemaName = schemaName;
        this.table = table;
        this.keySchema = AvroSchemas.key(schemaName, table);
        this.rowSchema = AvroSchemas.row(schemaName, table);
        Schema optionalRow = Schema.createUnion(Schema.create(Schema.Type.NULL), rowSchema);
        this.schema =
                SchemaBuilder.record("Envelope")
                        .namespace(AvroSchemas.namespace(schemaName, table))
                        .fields()
                        .name("before")
                        .type(optionalRow)
                        .withDefault(null)
                        .name("after")
                        .type(optionalRow)
                        .withDefault(null)
                        .name("source")
                        .type(SOURCE)
                        .noDefault()
                        .requiredString("op")
                        .requiredLong("ts_ms")
                        .name("transaction")
                        .type(Schema.createUnion(Schema.create(Schema.Type.NULL), TRANSACTION))
                        .withDefault(null)
                        .endRecord();
    }

    public Schema keySchema() {
        return keySchema;
    }

    public Schema schema() {
        return schema;
    }

    /** The key of a row's records: the primary key's columns, or the row id. */
    public GenericRecord key(Bytes key, byte[] row) {
        return table.hasPrimaryKey()
                ? AvroRows.key(keySchema, table, RowCodec.decode(table.columns(), row))
                : AvroRows.rowIdKey(keySchema, key);
    }

    /**
     * @param position the change's place among the published changes of the transaction, from 1
     * @param positionInTable the same among those of this table
     */
    public GenericRecord value(
            RowChange change, EntryInfo entry, long position, long positionInTable) {
        GenericRecord source = new GenericData.Record(SOURCE);
        source.put("version", VERSION);
        source.put("connector", CONNECTOR);
        source.put("name", database);
        source.put("ts_ms", entry.timestampMs());
        source.put("db", database);
        source.put("schema", schemaName);
        source.put("table", table.name());
        source.put("offset", entry.offset());
        source.put("transaction_id", entry.transactionId().toString());
        source.put("position", position);
        GenericRecord transaction = new GenericData.Record(TRANSACTION);
        transaction.put("id", entry.transactionId().toString());
        transaction.put("total_order", position);
        transaction.put("data_collection_order", positionInTable);
        GenericRecord value = new GenericData.Record(schema);
        value.put("before", row(change.before()));
        value.put("after", row(change.after()));
        value.put("source", source);
        value.put("op", change.op().code());
        value.put("ts_ms", entry.timestampMs());
        value.put("transaction", transaction);
        return value;
    }

    private @Nullable GenericRecord row(byte @Nullable [] row) {
        return row == null
                ? null
                : AvroRows.row(rowSchema, table, RowCodec.decode(table.columns(), row));
    }

    /** The row that has the key's columns: the newer one. */
    static byte[] rowOf(RowChange change) {
        byte[] row = change.after() != null ? change.after() : change.before();
        if (row == null) {
            throw new IllegalStateException(change.op() + " has no row");
        }
        return row;
    }
}
