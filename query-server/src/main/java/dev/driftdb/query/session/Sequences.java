package dev.driftdb.query.session;

import dev.driftdb.materializer.replica.Replica;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.catalog.SystemStorage;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.LogRecord;
import dev.driftdb.schemas.log.Outcome;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.type.Bytes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Hands out sequence values on one server. Values are claimed through the log in blocks, so no two
 * servers ever hand out the same one; a claim is its own transaction and never rolls back. Safe for
 * any thread.
 */
final class Sequences implements AutoCloseable {
    /** The first claim of a server; each later one is twice as large. */
    private static final int BLOCK_FIRST = 32;

    private static final int BLOCK_MAX = 8192;

    /** How often a claim is tried against claims of other servers. */
    private static final int CLAIM_TRIES_MAX = 100;

    /** Values that this server may still hand out: from {@code next} on, {@code left} of them. */
    private static final class Block {
        long next;
        long left;
        long lastHandedOut;
        boolean handedOut;
        int size = BLOCK_FIRST;
        long claimOffset = Precondition.ABSENT;
    }

    private final Replica replica;
    private final Commits commits;
    private final Map<Integer, Block> blocks = new HashMap<>();

    Sequences(Replica replica, Commits commits) {
        this.replica = replica;
        this.commits = commits;
    }

    synchronized long next(SequenceDef sequence) {
        Block block = blocks.computeIfAbsent(sequence.id(), id -> new Block());
        if (block.left == 0) {
            claim(sequence, block);
        }
        long value = block.next;
        block.left--;
        if (block.left > 0) {
            block.next = value + sequence.increment();
        }
        block.lastHandedOut = value;
        block.handedOut = true;
        return value;
    }

    private void claim(SequenceDef sequence, Block block) {
        int size = Math.max(sequence.cache(), block.size);
        for (int i = 0; i < CLAIM_TRIES_MAX; i++) {
            Stored stored = read(sequence);
            long first = first(sequence, stored.state());
            long count = available(sequence, first, size);
            long last = first + (count - 1) * sequence.increment();
            Outcome outcome = write(sequence, stored.offset(), new SequenceState(last, true));
            if (outcome instanceof Outcome.Committed committed) {
                block.next = first;
                block.left = count;
                block.size = Math.min(size * 2, BLOCK_MAX);
                block.claimOffset = committed.offset();
                return;
            }
        }
        throw new SqlException(
                SqlState.SERIALIZATION_FAILURE,
                "could not claim values of sequence \"" + sequence.name() + "\"");
    }

    /**
     * The state after one more value, which it has as its last one.
     *
     * @throws SqlException 2200H at the end of a sequence that does not cycle
     */
    static SequenceState advanced(SequenceDef sequence, SequenceState state) {
        return new SequenceState(first(sequence, state), true);
    }

    /** The value after the state's last one, or the first again when the sequence cycles. */
    private static long first(SequenceDef sequence, SequenceState state) {
        if (!state.called()) {
            return state.last();
        }
        long increment = sequence.increment();
        boolean exhausted =
                increment > 0
                        ? state.last() > sequence.max() - increment
                        : state.last() < sequence.min() - increment;
        if (!exhausted) {
            return state.last() + increment;
        }
        if (!sequence.cycle()) {
            throw new SqlException(
                    SqlState.SEQUENCE_GENERATOR_LIMIT_EXCEEDED,
                    "nextval: reached "
                            + (increment > 0 ? "maximum" : "minimum")
                            + " value of sequence \""
                            + sequence.name()
                            + "\" ("
                            + (increment > 0 ? sequence.max() : sequence.min())
                            + ")");
        }
        return increment > 0 ? sequence.min() : sequence.max();
    }

    private static long available(SequenceDef sequence, long first, int wanted) {
        long increment = sequence.increment();
        long room =
                increment > 0
                        ? (sequence.max() - first) / increment
                        : (first - sequence.min()) / -increment;
        return Math.min(wanted, room < 0 ? Long.MAX_VALUE : room + 1);
    }

    /** setval(), ALTER SEQUENCE … RESTART: what any server hands out next. */
    synchronized void set(SequenceDef sequence, SequenceState state) {
        blocks.remove(sequence.id());
        for (int i = 0; i < CLAIM_TRIES_MAX; i++) {
            if (write(sequence, read(sequence).offset(), state) instanceof Outcome.Committed) {
                return;
            }
        }
        throw new SqlException(
                SqlState.SERIALIZATION_FAILURE,
                "could not set sequence \"" + sequence.name() + "\"");
    }

    /**
     * As SELECT from the sequence shows it: what this server has handed out, else the log's state.
     */
    synchronized SequenceState state(SequenceDef sequence) {
        Block block = blocks.get(sequence.id());
        return block != null && block.handedOut
                ? new SequenceState(block.lastHandedOut, true)
                : read(sequence).state();
    }

    /** The sequence is gone or was changed: what was claimed is not to be handed out. */
    synchronized void forget(int sequenceId) {
        blocks.remove(sequenceId);
    }

    private record Stored(SequenceState state, long offset) {}

    private Stored read(SequenceDef sequence) {
        try (ReadView view = replica.latest()) {
            StoredRow row =
                    view.get(SystemStorage.SEQUENCES, EntryBuilder.catalogKey(sequence.id()));
            return row == null
                    ? new Stored(new SequenceState(sequence.start(), false), Precondition.ABSENT)
                    : new Stored(SequenceState.decode(row.row()), row.offset());
        }
    }

    private Outcome write(SequenceDef sequence, long expectedOffset, SequenceState state) {
        Bytes key = EntryBuilder.catalogKey(sequence.id());
        return commits.commit(
                new LogRecord.TransactionEntry(
                        UUID.randomUUID(),
                        new LogRecord.Metadata("sql", "driftdb", "", "SEQUENCE", null),
                        List.of(
                                new Precondition.RowVersion(
                                        SystemStorage.SEQUENCES, key, expectedOffset)),
                        List.of(
                                new Change.Put(
                                        SystemStorage.SEQUENCES,
                                        expectedOffset == Precondition.ABSENT
                                                ? Change.Kind.INSERT
                                                : Change.Kind.UPDATE,
                                        key,
                                        Bytes.wrap(state.encode()))),
                        0));
    }

    /** Gives back what was claimed and not handed out, so that a clean restart leaves no gap. */
    @Override
    public synchronized void close() {
        blocks.forEach((id, block) -> {
            if (block.left > 0
                    && block.handedOut
                    && replica.catalog().find(id) instanceof SequenceDef sequence) {
                write(sequence, block.claimOffset, new SequenceState(block.lastHandedOut, true));
            }
        });
        blocks.clear();
    }
}
