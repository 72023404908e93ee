package dev.driftdb.materializer.changelog;

import dev.driftdb.schemas.avro.AvroBuffer;
import dev.driftdb.schemas.avro.AvroRowWriter;
import dev.driftdb.schemas.avro.AvroSchemas;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.Bytes;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The records of one definition of one table, shaped as Debezium shapes them: {@code before, after,
 * source, op, ts_ms, transaction}. Writes them as Avro binary; what all records of the definition
 * share is encoded once. Owned by one thread.
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

    private final TableDef table;
    private final Schema keySchema;
    private final Schema schema;
    private final AvroRowWriter keyWriter;
    private final AvroRowWriter rowWriter;

    /** The first fields of the source: version, connector, name. */
    private final byte[] sourceHead;

    /** The fields after the time: db, schema, table. */
    private final byte[] sourceTable;

    public Envelope(String database, String schemaName, TableDef table) {
        this.table = table;
        this.keySchema = AvroSchemas.key(schemaName, table);
        this.keyWriter = AvroRowWriter.key(table);
        this.rowWriter = AvroRowWriter.row(table);
        this.sourceHead = strings(VERSION, CONNECTOR, database);
        this.sourceTable = strings(database, schemaName, table.name());
        Schema rowSchema = AvroSchemas.row(schemaName, table);
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

    private static byte[] strings(String... values) {
        AvroBuffer encoded = new AvroBuffer();
        encoded.beginFragment();
        for (String value : values) {
            encoded.string(value);
        }
        return encoded.toByteArray();
    }

    /** The key of a row's records: the primary key's columns, or the row id. */
    public void key(AvroBuffer out, Bytes key, byte[] row) {
        if (table.hasPrimaryKey()) {
            keyWriter.write(out, row);
        } else {
            ByteBuffer rowId = ByteBuffer.wrap(key.array());
            out.int64(rowId.getLong());
            out.int32(rowId.getInt());
        }
    }

    /**
     * @param position the change's place among the published changes of the transaction, from 1
     * @param positionInTable the same among those of this table
     */
    public void value(
            AvroBuffer out,
            RowChange change,
            EntryStamp entry,
            long position,
            long positionInTable) {
        row(out, change.before());
        row(out, change.after());
        // source
        out.raw(sourceHead);
        out.int64(entry.timestampMs());
        out.raw(sourceTable);
        out.int64(entry.offset());
        out.raw(entry.transactionId());
        out.int64(position);
        // op, ts_ms
        out.string(change.op().code());
        out.int64(entry.timestampMs());
        // transaction
        out.branch(1);
        out.raw(entry.transactionId());
        out.int64(position);
        out.int64(positionInTable);
    }

    private void row(AvroBuffer out, byte @Nullable [] row) {
        out.branch(row == null ? 0 : 1);
        if (row != null) {
            rowWriter.write(out, row);
        }
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
