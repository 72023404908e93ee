package dev.driftdb.schemas.log;

import dev.driftdb.schemas.log.LogRecord.Metadata;
import java.util.List;

/** How many bytes encoded records and their parts take at most; cheaper than encoding them. */
final class RecordSize {
    /** Branch, ids, flags, offset and lengths of one precondition or change take less. */
    private static final int ITEM_OVERHEAD_BYTES = 32;

    /** Version, branch, id, counts of one record and the fixed parts of its metadata. */
    private static final int RECORD_OVERHEAD_BYTES = 128;

    /** UTF-8 needs at most three bytes for one char. */
    private static final int CHAR_BYTES_MAX = 3;

    private RecordSize() {}

    static int upperBound(LogRecord record) {
        long size =
                switch (record) {
                    case LogRecord.TransactionEntry entry ->
                            upperBound(entry.metadata())
                                    + ofPreconditions(entry.preconditions())
                                    + ofChanges(entry.changes());
                    case LogRecord.Chunk chunk ->
                            RECORD_OVERHEAD_BYTES
                                    + ofPreconditions(chunk.preconditions())
                                    + ofChanges(chunk.changes());
                };
        return Math.toIntExact(size);
    }

    /** A record with this metadata and without preconditions or changes. */
    static long upperBound(Metadata metadata) {
        LogRecord.SourcePosition source = metadata.source();
        long chars =
                (long) metadata.origin().length()
                        + metadata.user().length()
                        + metadata.application().length()
                        + metadata.tag().length()
                        + (source == null ? 0 : source.topic().length());
        return RECORD_OVERHEAD_BYTES + CHAR_BYTES_MAX * chars;
    }

    static long ofPreconditions(List<Precondition> preconditions) {
        long size = 0;
        for (Precondition precondition : preconditions) {
            size += upperBound(precondition);
        }
        return size;
    }

    static long ofChanges(List<Change> changes) {
        long size = 0;
        for (Change change : changes) {
            size += upperBound(change);
        }
        return size;
    }

    static long upperBound(Precondition precondition) {
        return ITEM_OVERHEAD_BYTES
                + switch (precondition) {
                    case Precondition.RowVersion p -> p.key().length();
                    case Precondition.RowWrittenBy p -> (long) p.key().length() + 2 * Long.BYTES;
                    case Precondition.KeyAbsent p -> p.key().length();
                    case Precondition.KeyExists p -> p.key().length();
                    case Precondition.RangeEmpty p -> (long) p.from().length() + p.to().length();
                    case Precondition.RangeUnchanged p ->
                            (long) p.from().length() + p.to().length();
                    case Precondition.DefinitionUnchanged p -> 0L;
                };
    }

    static long upperBound(Change change) {
        return ITEM_OVERHEAD_BYTES
                + switch (change) {
                    case Change.Put c -> (long) c.key().length() + c.row().length();
                    case Change.Append c -> c.row().length();
                    case Change.Delete c -> c.key().length();
                    case Change.Forget c -> c.key().length();
                    case Change.Truncate c -> 0L;
                    case Change.BuildIndex c -> 0L;
                    case Change.Rekey c -> 0L;
                    case Change.AddEntry c -> (long) c.columns().length() + c.rowKey().length();
                    case Change.RemoveEntry c -> (long) c.columns().length() + c.rowKey().length();
                };
    }
}
