package dev.driftdb.materializer.changelog;

import dev.driftdb.materializer.replica.LocalReplica;
import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.testing.Tables;
import dev.driftdb.schemas.avro.AvroBuffer;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.row.RowCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

/** What is published of entries that a replica has applied, as text. */
final class PublishedText implements CommittedChanges.Sink {
    private final List<String> published = new ArrayList<>();

    private PublishedText() {}

    /**
     * @param entries those that were applied at this offset and the ones after it
     * @param pollSize how many of them are read together
     */
    static List<String> of(
            LocalReplica replica,
            long offset,
            List<TransactionEntry> entries,
            int pollSize,
            long rememberedBytesMax) {
        PublishedText text = new PublishedText();
        Catalog catalog;
        try (ReadView before = replica.asOf(offset - 1)) {
            catalog = before.catalog();
        }
        try (CommittedChanges changes =
                new CommittedChanges(replica::asOf, catalog, text, rememberedBytesMax)) {
            for (int i = 0; i < entries.size(); i++) {
                if (i % pollSize == 0) {
                    changes.beginPoll(offset + Math.min(i + pollSize, entries.size()) - 1);
                }
                changes.read(offset + i, entries.get(i), List.of());
            }
        }
        return text.published;
    }

    @Override
    public void beginEntry(EntryInfo entry) {
        if (!entry.committed()) {
            throw new AssertionError("the entry at " + entry.offset() + " has no effect");
        }
    }

    @Override
    public void accept(RowChange change) {
        published.add(text(change));
    }

    private static String text(RowChange change) {
        if (change.key() == null) {
            return change.op().code();
        }
        PublishedTable table = change.table();
        Envelope envelope = new Envelope("shop", table.schemaName(), table.table());
        AvroBuffer out = new AvroBuffer();
        out.beginFragment();
        envelope.key(out, change.key(), Envelope.rowOf(change));
        return change.op().code()
                + " key="
                + decode(envelope.keySchema(), out)
                + " "
                + row(change.before())
                + " -> "
                + row(change.after());
    }

    static GenericRecord decode(Schema schema, AvroBuffer fragment) {
        try {
            return new GenericDatumReader<GenericRecord>(schema)
                    .read(null, DecoderFactory.get().binaryDecoder(fragment.toByteArray(), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String row(byte @Nullable [] row) {
        if (row == null) {
            return "null";
        }
        @Nullable Object[] values = RowCodec.decode(Tables.COLUMNS, row);
        return "id " + values[0] + " u " + values[1] + " g " + values[2];
    }
}
