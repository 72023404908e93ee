package dev.driftdb.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** Reads and writes our bytes the way any Avro program would that has only the .avsc file. */
public final class AvroSchemas {
    private AvroSchemas() {}

    public static Schema load(String resource) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(AvroSchemas.class.getResourceAsStream(resource))) {
            return new SchemaParser().parse(in).mainSchema();
        }
    }

    /** The generic datum in bytes that begin with a format version. */
    public static Object read(Schema schema, byte[] bytes) throws IOException {
        BinaryDecoder decoder =
                DecoderFactory.get().binaryDecoder(bytes, 1, bytes.length - 1, null);
        Object datum = new GenericDatumReader<>(schema).read(null, decoder);
        if (!decoder.isEnd()) {
            throw new IOException("bytes left over");
        }
        return datum;
    }

    public static byte[] write(Schema schema, byte version, Object datum) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(version);
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<>(schema).write(datum, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
