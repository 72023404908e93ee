package dev.driftdb.query.session;

import dev.driftdb.materializer.replica.Replica;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.query.lock.LockOwner;
import dev.driftdb.query.lock.LockParty;
import dev.driftdb.query.lock.LockTarget;
import dev.driftdb.query.lock.Locks;
import dev.driftdb.query.lock.TableLocks;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.CatalogObject;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Change;
import dev.driftdb.schemas.log.Outcome;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One transaction: what it reads at, what it has written, what it has locked. Nothing of it is in
 * the log before {@link EntryBuilder} makes its entry. For the session's thread only.
 */
final class Transaction {
    private static final int SAVEPOINTS_MAX = 100_000;

    /** With more locks nobody follows it before it is visible. */
    private static final int DEPARTING_LOCKS_MAX = 1_000;

    private record SavepointMark(
            String name, int undoSize, int locksHeld, TableLocks tableLocks, boolean readOnly) {}

    private final Replica replica;
    final LockOwner lockOwner;
    final Locks locks;
    final long startMicros;

    private String isolationName;
    private Isolation isolation;
    private boolean readOnly;
    private boolean deferrable;
    private @Nullable Long asOf;

    /** Nobody ends it: it keeps nothing from one look to the next. */
    private boolean endless;

    /** The one view of REPEATABLE READ and of the past; null while there is none. */
    private @Nullable ReadView sharedView;

    /** What the newest state was when a statement asked last; null while none has it open. */
    private @Nullable ReadView newestView;

    private int command;
    private final TransactionBytes bytes;

    /** Locks of rows that were counted in {@link #bytes}. */
    private long lockedRows;

    private final Map<Integer, OwnTable> tables = new LinkedHashMap<>();
    final OwnDefinitions definitions = new OwnDefinitions();

    /** BuildIndex and Rekey, in order. */
    final List<Change> structural = new ArrayList<>();

    /** What must still hold at commit besides the versions of the rows and definitions written. */
    final Set<Precondition> preconditions = new LinkedHashSet<>();

    /** What is still to be checked of the rows written. */
    final ConstraintChecks checks = new ConstraintChecks(this);

    /** What a SERIALIZABLE transaction has read. */
    final ReadRanges reads = new ReadRanges();

    /** The states of sequences that the transaction has restarted, by their ids. */
    private final Map<Integer, SequenceState> sequences = new LinkedHashMap<>();

    private final Set<String> tags = new LinkedHashSet<>();

    /** Storages that INSERT … ON CONFLICT has written to, where a key lost is not a violation. */
    private final Set<Integer> arbitrated = new HashSet<>();

    private final UndoLog undo = new UndoLog(this::takeBack);

    /** Those whose rows it has gone on from before they were visible, in the log's order. */
    private final List<InFlight> predecessors = new ArrayList<>();

    private final List<SavepointMark> savepoints = new ArrayList<>();

    Transaction(
            Replica replica,
            Locks locks,
            LockParty party,
            TransactionMemory memory,
            Isolation isolation,
            boolean readOnly,
            @Nullable Long asOf,
            long startMicros) {
        this.replica = replica;
        this.locks = locks;
        this.lockOwner = locks.owner(party);
        this.bytes = new TransactionBytes(memory);
        this.isolation = isolation;
        this.isolationName = isolation.sqlName();
        this.readOnly = readOnly;
        this.asOf = asOf;
        this.startMicros = startMicros;
        lockOwner.mayFollow(isolation == Isolation.READ_COMMITTED);
    }

    /** It only looks, and is never {@link #end ended}. */
    Transaction withoutEnd() {
        endless = true;
        return this;
    }

    Isolation isolation() {
        return isolation;
    }

    boolean readOnly() {
        return readOnly || asOf != null;
    }

    @Nullable Long asOf() {
        return asOf;
    }

    /** As SHOW transaction_isolation says it: READ UNCOMMITTED keeps its name. */
    String isolationName() {
        return isolationName;
    }

    boolean deferrable() {
        return deferrable;
    }

    /** How a transaction can be: what SET TRANSACTION says, and AND CHAIN hands on. */
    record Modes(
            @Nullable String isolation,
            @Nullable Boolean readOnly,
            @Nullable Boolean deferrable,
            @Nullable Long asOf) {}

    Modes modes() {
        return new Modes(isolationName, readOnly, deferrable, asOf);
    }

    /** SET TRANSACTION: only before the first query. */
    void configure(Modes modes) {
        if (modes.isolation() != null && !modes.isolation().equals(isolationName)) {
            if (command > 0) {
                throw tooLate("SET TRANSACTION ISOLATION LEVEL must be called before any query");
            }
            if (!savepoints.isEmpty()) {
                throw tooLate(
                        "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction");
            }
            isolationName = modes.isolation();
            isolation = Isolation.of(isolationName);
            lockOwner.mayFollow(isolation == Isolation.READ_COMMITTED);
        }
        if (modes.readOnly() != null) {
            setReadOnly(modes.readOnly());
        }
        if (modes.deferrable() != null) {
            if (!savepoints.isEmpty()) {
                throw tooLate(
                        "SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction");
            }
            if (command > 0) {
                throw tooLate("SET TRANSACTION [NOT] DEFERRABLE must be called before any query");
            }
            deferrable = modes.deferrable();
        }
        if (modes.asOf() != null) {
            if (command > 0) {
                throw tooLate("SET TRANSACTION AS OF must be called before any query");
            }
            asOf = modes.asOf();
        }
    }

    private void setReadOnly(boolean value) {
        if (!value && readOnly) {
            if (!savepoints.isEmpty() && savepoints.getLast().readOnly()) {
                throw tooLate(
                        "cannot set transaction read-write mode inside a read-only transaction");
            }
            if (command > 0) {
                throw tooLate("transaction read-write mode must be set before any query");
            }
        }
        readOnly = value;
    }

    private static SqlException tooLate(String message) {
        return new SqlException(SqlState.ACTIVE_SQL_TRANSACTION, message);
    }

    int command() {
        return command;
    }

    /** A new statement begins: it sees what earlier ones wrote. */
    int nextCommand() {
        return ++command;
    }

    /** Whether each statement sees the newest state. */
    boolean readsNewest() {
        return isolation == Isolation.READ_COMMITTED && asOf == null;
    }

    /**
     * The view of a new statement; {@link #release} it afterwards.
     *
     * @param checkCanceled of the session; called while a read waits for the past
     */
    ReadView openView(Runnable checkCanceled) {
        if (readsNewest()) {
            return replica.latest();
        }
        ReadView known = sharedView;
        if (known == null) {
            known = asOf == null ? replica.latest() : replica.asOf(asOf, checkCanceled);
            sharedView = endless ? null : known;
        }
        return known;
    }

    void release(ReadView view) {
        if (!view.equals(sharedView)) {
            view.close();
        }
    }

    Replica replica() {
        return replica;
    }

    /** The newest state, kept until the next call or {@link #releaseNewest}. Not to be closed. */
    ReadView newestView() {
        ReadView known = newestView;
        if (known == null || known.offset() != replica.appliedOffset()) {
            releaseNewest();
            known = replica.latest();
            newestView = known;
        }
        return known;
    }

    /** At the end of a statement: nobody holds on to an old state without need. */
    void releaseNewest() {
        if (newestView != null) {
            newestView.close();
            newestView = null;
        }
    }

    Catalog catalogOver(Catalog base) {
        return definitions.over(base);
    }

    /** Refuses to write in a read-only transaction and in the past. */
    void checkWritable(String statement) {
        if (asOf != null) {
            throw new SqlException(
                    SqlState.READ_ONLY_SQL_TRANSACTION,
                    "cannot execute " + statement + " in a transaction that reads the past");
        }
        if (readOnly) {
            throw new SqlException(
                    SqlState.READ_ONLY_SQL_TRANSACTION,
                    "cannot execute " + statement + " in a read-only transaction");
        }
    }

    void tag(String tag) {
        tags.add(tag);
    }

    String tags() {
        return String.join(", ", tags);
    }

    void arbitrate(int storageId) {
        arbitrated.add(storageId);
    }

    boolean isArbitrated(int storageId) {
        return arbitrated.contains(storageId);
    }

    OwnTable table(int storageId) {
        return tables.computeIfAbsent(storageId, OwnTable::new);
    }

    @Nullable OwnTable findTable(int storageId) {
        return tables.get(storageId);
    }

    Iterable<OwnTable> tables() {
        return tables.values();
    }

    /** Whether it changes the catalog or stores tables anew. */
    boolean defines() {
        return !definitions.isEmpty() || !structural.isEmpty();
    }

    boolean hasChanges() {
        if (defines() || !sequences.isEmpty()) {
            return true;
        }
        for (OwnTable table : tables.values()) {
            if (table.emptiedBy != Integer.MAX_VALUE || table.hasRows()) {
                return true;
            }
        }
        return false;
    }

    /** What it holds on the heap, roughly. */
    long bytes() {
        return bytes.bytes();
    }

    /** How far the transaction has come: a place to go back to with {@link #rollbackTo}. */
    int undoSize() {
        return undo.size();
    }

    /** A row was locked for a change. */
    void countLock() {
        bytes.add(TransactionBytes.ofLocks(1));
        lockedRows++;
    }

    /** What else it holds, until it is over or {@link #forgetBytes}. */
    void holdBytes(long more) {
        bytes.add(more);
    }

    void forgetBytes(long less) {
        bytes.subtract(less);
    }

    /** Writes a new version of a row of ours; null deletes it. */
    void write(OwnTable table, OwnRow own, byte @Nullable [] row) {
        bytes.add(sizeOf(own, row, own.newest == null));
        OwnRow.Version before = own.newest;
        own.newest = new OwnRow.Version(command, row, before);
        if (before == null) {
            table.add(own);
        }
        undo.addRow(table, own);
    }

    private void takeBack(OwnTable table, OwnRow own) {
        OwnRow.Version newest = own.newest;
        if (newest == null) {
            throw new IllegalStateException("a row without a version is taken back");
        }
        bytes.subtract(sizeOf(own, newest.row(), newest.previous() == null));
        own.newest = newest.previous();
        if (own.newest == null) {
            table.forget(own);
        }
    }

    private static long sizeOf(OwnRow own, byte @Nullable [] row, boolean first) {
        return row == null
                ? TransactionBytes.ofDeletion(own, first)
                : TransactionBytes.ofVersion(own, row, first);
    }

    /** An entry for a row of ours in an index whose entries are kept. */
    void addIndexEntry(OwnIndex index, Bytes indexKey, Bytes rowKey) {
        long size = TransactionBytes.ofIndexEntry(indexKey);
        bytes.add(size);
        if (!index.add(indexKey, rowKey)) {
            bytes.subtract(size);
            return;
        }
        undo.add(() -> {
            index.remove(indexKey, rowKey);
            bytes.subtract(size);
        });
    }

    /** The storage is empty for every later command. */
    void empty(int storageId) {
        OwnTable table = table(storageId);
        int before = table.emptiedBy;
        table.emptiedBy = command;
        undo.add(() -> table.emptiedBy = before);
        for (Iterable<OwnRow> rows : List.of(table.keyed(), List.copyOf(table.appended()))) {
            for (OwnRow row : rows) {
                if (row.newest != null && row.newest.row() != null) {
                    write(table, row, null);
                }
            }
        }
    }

    /** Writes (or with null drops) a catalog object. */
    void define(int id, @Nullable CatalogObject object, long baseVersion) {
        OwnDefinitions.Definition known = definitions.get(id);
        long base = known == null ? baseVersion : known.baseVersion();
        OwnDefinitions.Definition before =
                definitions.put(id, new OwnDefinitions.Definition(object, base));
        undo.add(() -> definitions.put(id, before));
    }

    void addStructural(Change change) {
        structural.add(change);
        undo.add(() -> structural.remove(change));
    }

    /** The state of a sequence that this transaction has restarted, else null. */
    @Nullable SequenceState sequence(int id) {
        return sequences.get(id);
    }

    Map<Integer, SequenceState> sequences() {
        return sequences;
    }

    /** A sequence goes on from a state, for others from the commit on. */
    void setSequence(int id, SequenceState state) {
        SequenceState before = sequences.put(id, state);
        undo.add(() -> {
            if (before == null) {
                sequences.remove(id);
            } else {
                sequences.put(id, before);
            }
        });
    }

    /** A value was taken of such a sequence: going back to a savepoint does not give it back. */
    void advanceSequence(int id, SequenceState state) {
        sequences.put(id, state);
    }

    void require(Precondition precondition) {
        if (preconditions.contains(precondition)) {
            return;
        }
        bytes.add(TransactionBytes.ofPrecondition());
        preconditions.add(precondition);
        undo.add(() -> {
            preconditions.remove(precondition);
            bytes.subtract(TransactionBytes.ofPrecondition());
        });
    }

    /** What is to be done when the transaction goes back to before now. */
    void onUndo(Runnable action) {
        undo.add(action);
    }

    // ---- transactions that it follows ----

    void follow(InFlight predecessor) {
        if (!predecessors.contains(predecessor)) {
            predecessor.addTo(predecessors);
        }
    }

    /** Those that it follows and others do not see yet, in the log's order. */
    List<InFlight> unseen() {
        if (predecessors.isEmpty()) {
            return List.of();
        }
        // The last is asked first: one that has ended before a later one must not be left alone.
        List<InFlight> unseen = new ArrayList<>();
        for (InFlight predecessor : predecessors.reversed()) {
            if (!predecessor.hasCommitted()) {
                unseen.addFirst(predecessor);
            }
        }
        return unseen;
    }

    /**
     * Makes it one that others may follow, unless it did what cannot be read through or is large.
     */
    void depart(UUID transactionId, CompletableFuture<Outcome> outcome) {
        int held = locks.held(lockOwner);
        if (held == 0 || held > DEPARTING_LOCKS_MAX || defines() || !sequences.isEmpty()) {
            return;
        }
        for (OwnTable table : tables.values()) {
            if (table.emptiedBy != Integer.MAX_VALUE) {
                return;
            }
        }
        locks.depart(lockOwner, new InFlight(transactionId, outcome, this));
    }

    // ---- savepoints ----

    void savepoint(String name) {
        if (savepoints.size() >= SAVEPOINTS_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "a transaction may have at most " + SAVEPOINTS_MAX + " savepoints");
        }
        savepoints.add(
                new SavepointMark(
                        name,
                        undo.size(),
                        locks.held(lockOwner),
                        lockOwner.party().tableLocks(),
                        readOnly));
    }

    void releaseSavepoint(String name) {
        int index = findSavepoint(name);
        readOnly = savepoints.get(index).readOnly();
        savepoints.subList(index, savepoints.size()).clear();
    }

    void rollbackToSavepoint(String name) {
        int index = findSavepoint(name);
        rollbackTo(savepoints.get(index).undoSize());
        releaseLocks(savepoints.get(index));
        readOnly = savepoints.get(index).readOnly();
        savepoints.subList(index + 1, savepoints.size()).clear();
    }

    /**
     * A statement failed: what came after the last savepoint can only be rolled back, so its locks
     * go now. Whoever waits for them need not wait for the client's ROLLBACK.
     */
    void failed() {
        checks.forgetStatement();
        releaseLocks(savepoints.isEmpty() ? null : savepoints.getLast());
    }

    /** Those that came after a savepoint; null for all. */
    private void releaseLocks(@Nullable SavepointMark kept) {
        releaseLocks(kept == null ? 0 : kept.locksHeld());
        locks.endHold(lockOwner.party(), kept == null ? TableLocks.NONE : kept.tableLocks());
    }

    /** Those on rows and keys after the first so many; what was read under them is forgotten. */
    void releaseLocks(int keptCount) {
        List<LockTarget> released = locks.releaseTo(lockOwner, keptCount);
        long counted = Math.min(lockedRows, released.size());
        lockedRows -= counted;
        bytes.subtract(TransactionBytes.ofLocks(counted));
        for (LockTarget target : released) {
            if (target instanceof LockTarget.Row row) {
                tables.values().forEach(table -> table.unlock(row.key()));
            }
        }
    }

    private int findSavepoint(String name) {
        for (int i = savepoints.size() - 1; i >= 0; i--) {
            if (savepoints.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new SqlException(
                SqlState.INVALID_SAVEPOINT_SPECIFICATION,
                "savepoint \"" + name + "\" does not exist");
    }

    void rollbackTo(int size) {
        undo.backTo(size);
    }

    /** The transaction is over: views and locks go. */
    void end() {
        releaseNewest();
        bytes.release();
        if (sharedView != null) {
            sharedView.close();
            sharedView = null;
        }
        locks.releaseAll(lockOwner);
        locks.endHold(lockOwner.party(), TableLocks.NONE);
    }
}
