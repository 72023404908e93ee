package dev.driftdb.schemas.log;

import dev.driftdb.schemas.avro.AvroInput;
import dev.driftdb.schemas.avro.AvroOutput;
import dev.driftdb.schemas.log.LogRecord.Chunk;
import dev.driftdb.schemas.log.LogRecord.Metadata;
import dev.driftdb.schemas.log.LogRecord.SourcePosition;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.type.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Log records as bytes: int8 format version | Avro binary of the record's schema (avro/log-v1.avsc,
 * docs/formats/log.md). Written and read by hand, since every commit passes here. Safe for any
 * thread.
 */
public final class LogCodec {
    /** The newest version that this program reads. */
    public static final byte FORMAT_VERSION = 4;

    /**
     * A record is written in the oldest version that can say it: version 2 has the entries of
     * computed indexes, version 3 {@link Precondition.RowWrittenBy}, version 4 {@link
     * Change.Forget}.
     */
    private static final byte FIRST_VERSION = 1;

    private static final byte VERSION_OF_ENTRIES = 2;

    private static final byte VERSION_OF_ROW_WRITTEN_BY = 3;

    private LogCodec() {}

    public static byte[] encode(LogRecord record) {
        AvroOutput out = new AvroOutput(version(record), RecordSize.upperBound(record));
        try {
            switch (record) {
                case TransactionEntry entry -> {
                    out.branch(0);
                    out.uuid(entry.id());
                    write(out, entry.metadata());
                    out.array(entry.preconditions(), LogCodec::write);
                    out.array(entry.changes(), LogCodec::write);
                    out.int32(entry.chunkCount());
                }
                case Chunk chunk -> {
                    out.branch(1);
                    out.uuid(chunk.id());
                    out.int32(chunk.number());
                    out.array(chunk.preconditions(), LogCodec::write);
                    out.array(chunk.changes(), LogCodec::write);
                }
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @throws UnknownFormatException if the version is newer than this program: a replica stops
     *     rather than guess
     * @throws CorruptRecordException if the bytes are no whole record of a version known here
     */
    public static LogRecord decode(byte[] bytes) {
        if (bytes.length == 0 || bytes[0] < 1) {
            throw new CorruptRecordException("a log record without a format version", null);
        }
        if (bytes[0] > FORMAT_VERSION) {
            throw new UnknownFormatException(
                    "log record of format " + bytes[0] + ", newest known is " + FORMAT_VERSION);
        }
        try {
            AvroInput in = new AvroInput(bytes, 1);
            LogRecord record =
                    switch (in.branch("log record", 2)) {
                        case 0 ->
                                new TransactionEntry(
                                        in.uuid(),
                                        readMetadata(in),
                                        in.array(LogCodec::readPrecondition),
                                        in.array(LogCodec::readChange),
                                        in.int32());
                        default ->
                                new Chunk(
                                        in.uuid(),
                                        in.int32(),
                                        in.array(LogCodec::readPrecondition),
                                        in.array(LogCodec::readChange));
                    };
            in.end();
            return record;
        } catch (IOException | RuntimeException e) {
            // Avro tells of malformed numbers by runtime exceptions of its own.
            throw new CorruptRecordException(
                    "log record of " + bytes.length + " bytes is damaged: " + e.getMessage(), e);
        }
    }

    private static byte version(LogRecord record) {
        return switch (record) {
            case TransactionEntry entry -> version(entry.preconditions(), entry.changes());
            case Chunk chunk -> version(chunk.preconditions(), chunk.changes());
        };
    }

    private static byte version(List<Precondition> preconditions, List<Change> changes) {
        byte version = FIRST_VERSION;
        for (Change change : changes) {
            if (change instanceof Change.Forget) {
                return FORMAT_VERSION;
            }
            if (change instanceof Change.AddEntry || change instanceof Change.RemoveEntry) {
                version = VERSION_OF_ENTRIES;
            }
        }
        for (Precondition precondition : preconditions) {
            if (precondition instanceof Precondition.RowWrittenBy) {
                return VERSION_OF_ROW_WRITTEN_BY;
            }
        }
        return version;
    }

    private static void write(AvroOutput out, Metadata metadata) throws IOException {
        out.string(metadata.origin());
        out.string(metadata.user());
        out.string(metadata.application());
        out.string(metadata.tag());
        SourcePosition source = metadata.source();
        out.branch(source == null ? 0 : 1);
        if (source != null) {
            out.string(source.topic());
            out.int32(source.partition());
            out.int64(source.offset());
        }
    }

    private static Metadata readMetadata(AvroInput in) throws IOException {
        String origin = in.string();
        String user = in.string();
        String application = in.string();
        String tag = in.string();
        SourcePosition source =
                in.branch("branch of source", 2) == 0
                        ? null
                        : new SourcePosition(in.string(), in.int32(), in.int64());
        return new Metadata(origin, user, application, tag, source);
    }

    private static void write(AvroOutput out, Precondition precondition) throws IOException {
        switch (precondition) {
            case Precondition.RowVersion p -> {
                out.branch(0);
                out.int32(p.storageId());
                out.bytes(p.key());
                out.int64(p.offset());
            }
            case Precondition.KeyAbsent p -> {
                out.branch(1);
                out.int32(p.indexId());
                out.bytes(p.key());
            }
            case Precondition.KeyExists p -> {
                out.branch(2);
                out.int32(p.storageOrIndexId());
                out.bool(p.inIndex());
                out.bytes(p.key());
            }
            case Precondition.RangeEmpty p -> {
                out.branch(3);
                out.int32(p.storageOrIndexId());
                out.bool(p.inIndex());
                out.bytes(p.from());
                out.bytes(p.to());
            }
            case Precondition.RangeUnchanged p -> {
                out.branch(4);
                out.int32(p.storageId());
                out.bytes(p.from());
                out.bytes(p.to());
                out.int64(p.since());
            }
            case Precondition.DefinitionUnchanged p -> {
                out.branch(5);
                out.int32(p.objectId());
                out.int64(p.version());
            }
            case Precondition.RowWrittenBy p -> {
                out.branch(6);
                out.int32(p.storageId());
                out.bytes(p.key());
                out.uuid(p.transactionId());
            }
        }
    }

    private static Precondition readPrecondition(AvroInput in) throws IOException {
        return switch (in.branch("precondition", 7)) {
            case 0 -> new Precondition.RowVersion(in.int32(), in.bytes(), in.int64());
            case 1 -> new Precondition.KeyAbsent(in.int32(), in.bytes());
            case 2 -> new Precondition.KeyExists(in.int32(), in.bool(), in.bytes());
            case 3 -> new Precondition.RangeEmpty(in.int32(), in.bool(), in.bytes(), in.bytes());
            case 4 ->
                    new Precondition.RangeUnchanged(in.int32(), in.bytes(), in.bytes(), in.int64());
            case 5 -> new Precondition.DefinitionUnchanged(in.int32(), in.int64());
            default -> new Precondition.RowWrittenBy(in.int32(), in.bytes(), in.uuid());
        };
    }

    private static void write(AvroOutput out, Change change) throws IOException {
        switch (change) {
            case Change.Put c -> {
                out.branch(0);
                out.int32(c.storageId());
                out.branch(
                        switch (c.kind()) {
                            case INSERT -> 0;
                            case UPDATE -> 1;
                        });
                out.bytes(c.key());
                out.bytes(c.row());
            }
            case Change.Append c -> {
                out.branch(1);
                out.int32(c.storageId());
                out.int32(c.ordinal());
                out.bytes(c.row());
            }
            case Change.Delete c -> {
                out.branch(2);
                out.int32(c.storageId());
                out.bytes(c.key());
            }
            case Change.Truncate c -> {
                out.branch(3);
                out.int32(c.storageId());
            }
            case Change.BuildIndex c -> {
                out.branch(4);
                out.int32(c.indexId());
            }
            case Change.Rekey c -> {
                out.branch(5);
                out.int32(c.tableId());
                out.int32(c.fromStorageId());
                out.int32(c.toStorageId());
            }
            case Change.AddEntry c -> {
                out.branch(6);
                writeEntry(out, c.indexId(), c.columns(), c.rowKey(), c.unique());
            }
            case Change.RemoveEntry c -> {
                out.branch(7);
                writeEntry(out, c.indexId(), c.columns(), c.rowKey(), c.unique());
            }
            case Change.Forget c -> {
                out.branch(8);
                out.int32(c.storageId());
                out.bytes(c.key());
            }
        }
    }

    private static void writeEntry(
            AvroOutput out, int indexId, Bytes columns, Bytes rowKey, boolean unique)
            throws IOException {
        out.int32(indexId);
        out.bytes(columns);
        out.bytes(rowKey);
        out.bool(unique);
    }

    private static Change readChange(AvroInput in) throws IOException {
        return switch (in.branch("change", 9)) {
            case 0 -> {
                int storageId = in.int32();
                Change.Kind kind =
                        in.branch("kind of put", 2) == 0 ? Change.Kind.INSERT : Change.Kind.UPDATE;
                yield new Change.Put(storageId, kind, in.bytes(), in.bytes());
            }
            case 1 -> new Change.Append(in.int32(), in.int32(), in.bytes());
            case 2 -> new Change.Delete(in.int32(), in.bytes());
            case 3 -> new Change.Truncate(in.int32());
            case 4 -> new Change.BuildIndex(in.int32());
            case 5 -> new Change.Rekey(in.int32(), in.int32(), in.int32());
            case 6 -> new Change.AddEntry(in.int32(), in.bytes(), in.bytes(), in.bool());
            case 7 -> new Change.RemoveEntry(in.int32(), in.bytes(), in.bytes(), in.bool());
            default -> new Change.Forget(in.int32(), in.bytes());
        };
    }

    /** A record that this version of the program cannot read. */
    public static final class UnknownFormatException extends RuntimeException {
        public UnknownFormatException(String message) {
            super(message);
        }
    }

    /** Bytes that are no whole record: cut, damaged, or not ours. */
    public static final class CorruptRecordException extends IllegalArgumentException {
        public CorruptRecordException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The Kafka key of a record: the transaction id, most significant byte first. */
    public static byte[] recordKey(UUID id) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
