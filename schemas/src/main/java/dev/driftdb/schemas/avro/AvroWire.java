package dev.driftdb.schemas.avro;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Avro records as bytes of a Kafka key or value. Written in Confluent's wire format: {@code 00 |
 * int32 schema id | Avro binary}. Read in that, or in Avro's single-object encoding: {@code C3 01 |
 * int64 fingerprint, little-endian | Avro binary}. Logical types are left alone: a decimal is its
 * bytes.
 */
public final class AvroWire {
    static final byte CONFLUENT_MAGIC = 0;
    static final int CONFLUENT_HEADER = 5;
    private static final byte SINGLE_OBJECT_0 = (byte) 0xc3;
    private static final byte SINGLE_OBJECT_1 = 1;
    private static final int SINGLE_OBJECT_HEADER = 10;
    private static final int INITIAL_BYTES = 256;

    private AvroWire() {}

    /**
     * @param id the number of the record's schema in the registry
     */
    public static byte[] encode(int id, GenericRecord record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(INITIAL_BYTES);
        bytes.write(CONFLUENT_MAGIC);
        bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(id).array());
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        try {
            new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot fail", e);
        }
        return bytes.toByteArray();
    }

    /**
     * @param bytes null for a Kafka record without key or value
     * @return null for null
     * @throws SqlException 22P03 for bytes that are no such record or name an unknown schema
     */
    public static @Nullable GenericRecord decode(byte @Nullable [] bytes, SchemaRegistry registry) {
        if (bytes == null) {
            return null;
        }
        if (bytes.length >= SINGLE_OBJECT_HEADER
                && bytes[0] == SINGLE_OBJECT_0
                && bytes[1] == SINGLE_OBJECT_1) {
            long fingerprint = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
            Schema schema = registry.findByFingerprint(fingerprint);
            return read(
                    bytes,
                    SINGLE_OBJECT_HEADER,
                    schema,
                    "fingerprint " + Long.toHexString(fingerprint));
        } else if (bytes.length >= CONFLUENT_HEADER && bytes[0] == CONFLUENT_MAGIC) {
            int id = ByteBuffer.wrap(bytes).getInt(1);
            return read(bytes, CONFLUENT_HEADER, registry.find(id), "id " + id);
        }
        throw invalid("neither Confluent's Avro format nor Avro's single-object encoding");
    }

    private static GenericRecord read(
            byte[] bytes, int from, @Nullable Schema schema, String schemaName) {
        if (schema == null) {
            throw invalid("its Avro schema, " + schemaName + ", is unknown or not unique here");
        } else if (schema.getType() != Schema.Type.RECORD) {
            throw invalid("its Avro schema, " + schemaName + ", is no record");
        }
        BinaryDecoder decoder =
                DecoderFactory.get().binaryDecoder(bytes, from, bytes.length - from, null);
        try {
            GenericRecord record =
                    new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
            if (!decoder.isEnd()) {
                throw invalid("bytes are left over after the Avro record");
            }
            return record;
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException e) {
            throw invalid("it does not fit its Avro schema, " + schemaName + ": " + e.getMessage());
        }
    }

    private static SqlException invalid(String why) {
        return new SqlException(
                SqlState.INVALID_BINARY_REPRESENTATION, "the record cannot be read: " + why);
    }
}
