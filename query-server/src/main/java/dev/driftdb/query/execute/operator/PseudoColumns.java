package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.VersionCursor;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.TableAccess;
import dev.driftdb.query.plan.LogicalPlan.PseudoColumn;
import dev.driftdb.query.plan.LogicalPlan.ScanTime;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.Bytes;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * _offset_from and its kin for rows that are live at the time of the scan. What this transaction
 * wrote itself has no offset yet: NULL.
 */
@SuppressWarnings("EnumOrdinal") // the order of the constants is the order of the columns
public final class PseudoColumns {
    /** Milliseconds from 1970 to 2000, where timestamps count from. */
    private static final long EPOCH_2000_MS = 946_684_800_000L;

    private static final int COUNT = PseudoColumn.values().length;

    private final TableDef table;
    private final ScanTime time;
    private final int firstSlot;
    private final BitSet needed;

    /**
     * @param needed positions in the row that are read
     */
    public PseudoColumns(TableDef table, ScanTime time, int firstSlot, BitSet needed) {
        this.table = table;
        this.time = time;
        this.firstSlot = firstSlot;
        this.needed = needed;
    }

    private boolean needs(PseudoColumn column) {
        return needed.get(firstSlot + column.ordinal());
    }

    private ReadView view(Frame frame) {
        return time instanceof ScanTime.At at
                ? frame.context().tables().viewAt(at.offset())
                : frame.context().view();
    }

    void fill(Frame frame, @Nullable Object[] row, byte[] key, long offset) {
        for (int i = 0; i < COUNT; i++) {
            row[firstSlot + i] = null;
        }
        if (offset >= TableAccess.IN_FLIGHT) {
            return;
        }
        row[firstSlot] = offset;
        ReadView view = view(frame);
        if (needs(PseudoColumn.OP)) {
            row[firstSlot + PseudoColumn.OP.ordinal()] = operation(view, key, offset);
        }
        fillEntry(view, row, offset);
    }

    private String operation(ReadView view, byte[] key, long offset) {
        try (VersionCursor versions =
                view.versions(
                        table.storageId(), KeyRange.prefix(Bytes.copyOf(key)), offset, offset)) {
            return versions.next() && !versions.isInsert() ? "update" : "insert";
        }
    }

    /** For a version that began at one offset and ended at another. */
    void fillVersion(ReadView view, @Nullable Object[] row, VersionCursor version) {
        long from = version.offsetFrom();
        long to = version.offsetTo();
        row[firstSlot] = from;
        row[firstSlot + 1] = to == VersionCursor.LIVE ? null : (Object) to;
        row[firstSlot + PseudoColumn.TIME_TO.ordinal()] =
                needs(PseudoColumn.TIME_TO) && to != VersionCursor.LIVE
                        ? timestamp(view.entry(to))
                        : null;
        row[firstSlot + PseudoColumn.OP.ordinal()] = version.isInsert() ? "insert" : "update";
        fillEntry(view, row, from);
    }

    /** For a row that was deleted at one offset and made anew at another. */
    void fillDeletion(ReadView view, @Nullable Object[] row, long from, long to) {
        row[firstSlot] = from;
        boolean ended = to != VersionCursor.LIVE;
        row[firstSlot + PseudoColumn.OFFSET_TO.ordinal()] = ended ? (Object) to : null;
        row[firstSlot + PseudoColumn.TIME_TO.ordinal()] =
                ended && needs(PseudoColumn.TIME_TO) ? timestamp(view.entry(to)) : null;
        row[firstSlot + PseudoColumn.OP.ordinal()] = "delete";
        fillEntry(view, row, from);
    }

    private void fillEntry(ReadView view, @Nullable Object[] row, long offset) {
        boolean asked =
                needs(PseudoColumn.TIME_FROM)
                        || needs(PseudoColumn.TRANSACTION)
                        || needs(PseudoColumn.USER)
                        || needs(PseudoColumn.ORIGIN);
        EntryInfo entry = asked ? view.entry(offset) : null;
        if (entry != null) {
            row[firstSlot + PseudoColumn.TIME_FROM.ordinal()] = timestamp(entry);
            row[firstSlot + PseudoColumn.TRANSACTION.ordinal()] = entry.transactionId();
            row[firstSlot + PseudoColumn.USER.ordinal()] = entry.user();
            row[firstSlot + PseudoColumn.ORIGIN.ordinal()] = entry.origin();
        }
    }

    private static @Nullable Object timestamp(@Nullable EntryInfo entry) {
        return entry == null ? null : (entry.timestampMs() - EPOCH_2000_MS) * 1000;
    }
}
