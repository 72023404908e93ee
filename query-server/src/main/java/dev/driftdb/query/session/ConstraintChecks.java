package dev.driftdb.query.session;

import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction must still check of the rows it has written: after the statement, or for a
 * deferred constraint at the commit. For the session's thread only.
 */
final class ConstraintChecks {
    /** Checks that may wait for the commit; each costs about 100 bytes. */
    private static final int DEFERRED_MAX = 5_000_000;

    /** One thing to check. */
    sealed interface Check {
        /** Null for a unique index that no constraint has made. */
        @Nullable Constraint constraint();

        /** Whether it is about rows of a table. */
        boolean concerns(int tableId);
    }

    /** A row of a referencing table is new, or refers to something else. */
    record Referencing(Catalog.Reference reference, Bytes row) implements Check {
        @Override
        public Constraint constraint() {
            return reference.key();
        }

        @Override
        public boolean concerns(int tableId) {
            return reference.child().id() == tableId;
        }
    }

    /**
     * A row that foreign keys may refer to is gone, or has another key.
     *
     * @param after null if it was deleted
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity only
    record Referenced(
            Catalog.Reference reference,
            @Nullable Object[] before,
            @Nullable Object @Nullable [] after)
            implements Check {
        @Override
        public Constraint constraint() {
            return reference.key();
        }

        @Override
        public boolean concerns(int tableId) {
            return reference.key().parentTableId() == tableId;
        }
    }

    /**
     * A row has got a key in a unique index that is not asked at once: of a deferrable constraint,
     * or in a statement that may need a key which a later row gives up.
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity only
    record Duplicate(
            TableDef table,
            Constraint.@Nullable Unique constraint,
            IndexDef index,
            @Nullable Object[] values)
            implements Check {
        @Override
        public boolean concerns(int tableId) {
            return table.id() == tableId;
        }
    }

    private final Transaction transaction;
    private List<Check> afterStatement = new ArrayList<>();
    private List<Check> atCommit = new ArrayList<>();

    /** SET CONSTRAINTS, by constraint id. */
    private final Map<Integer, Boolean> deferred = new HashMap<>();

    private @Nullable Boolean allDeferred;

    ConstraintChecks(Transaction transaction) {
        this.transaction = transaction;
    }

    /**
     * @param deferrable whether this kind of check may wait for the commit: referential actions
     *     never do
     */
    void add(Check check, boolean deferrable) {
        boolean later = deferrable && isDeferred(check.constraint());
        List<Check> list = later ? atCommit : afterStatement;
        if (later && list.size() >= DEFERRED_MAX) {
            throw new SqlException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "a transaction may defer at most " + DEFERRED_MAX + " constraint checks");
        }
        list.add(check);
        if (later) {
            transaction.onUndo(() -> atCommit.removeLast());
        }
    }

    private boolean isDeferred(@Nullable Constraint constraint) {
        if (constraint == null || !constraint.deferrable()) {
            return false;
        }
        Boolean one = deferred.get(constraint.id());
        if (one != null) {
            return one;
        }
        return allDeferred == null ? constraint.initiallyDeferred() : allDeferred;
    }

    /** SET CONSTRAINTS ALL. */
    void defer(boolean value) {
        Boolean allBefore = allDeferred;
        Map<Integer, Boolean> before = Map.copyOf(deferred);
        transaction.onUndo(() -> {
            allDeferred = allBefore;
            deferred.putAll(before);
        });
        allDeferred = value;
        deferred.clear();
    }

    /** SET CONSTRAINTS name. */
    void defer(int constraintId, boolean value) {
        Boolean before = deferred.put(constraintId, value);
        transaction.onUndo(() -> {
            if (before == null) {
                deferred.remove(constraintId);
            } else {
                deferred.put(constraintId, before);
            }
        });
    }

    boolean hasAfterStatement() {
        return !afterStatement.isEmpty();
    }

    boolean hasAtCommit() {
        return !atCommit.isEmpty();
    }

    boolean hasActions() {
        return afterStatement.stream().anyMatch(check -> check instanceof Referenced);
    }

    List<Check> takeAfterStatement() {
        List<Check> taken = afterStatement;
        afterStatement = new ArrayList<>();
        return taken;
    }

    /** Those of the deferred checks that must be made now. */
    List<Check> takeAtCommit(Predicate<Constraint> which) {
        List<Check> taken = new ArrayList<>();
        List<Check> kept = new ArrayList<>();
        for (Check check : atCommit) {
            Constraint constraint = Objects.requireNonNull(check.constraint());
            (which.test(constraint) ? taken : kept).add(check);
        }
        if (!taken.isEmpty()) {
            List<Check> before = atCommit;
            atCommit = kept;
            transaction.onUndo(() -> atCommit = before);
        }
        return taken;
    }

    /** The statement had no effect: what it asked to check is void. */
    void forgetStatement() {
        afterStatement.clear();
    }

    boolean concern(int tableId) {
        return atCommit.stream().anyMatch(check -> check.concerns(tableId));
    }

    boolean isImmediate(Constraint constraint) {
        return !isDeferred(constraint);
    }
}
