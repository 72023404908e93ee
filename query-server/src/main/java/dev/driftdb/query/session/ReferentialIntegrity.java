package dev.driftdb.query.session;

import dev.driftdb.materializer.state.IndexCursor;
import dev.driftdb.materializer.state.KeyRange;
import dev.driftdb.materializer.state.RowCursor;
import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.lock.RowLockStrength;
import dev.driftdb.query.lock.RowWait;
import dev.driftdb.query.session.ConstraintChecks.Check;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint.Action;
import dev.driftdb.schemas.catalog.Constraint.ForeignKey;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.log.Precondition;
import dev.driftdb.schemas.row.RowCodec;
import dev.driftdb.schemas.type.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the checks that a statement has left, and carries out referential actions. One round of
 * them: what an action writes leaves checks for the next.
 *
 * <p>Against other transactions: whoever refers to a key locks it shared and whoever takes a key
 * away locks it alone, so that on one server one waits for the other. What is right is decided in
 * the log: a referencing entry requires that the key is there, an entry that takes a key away
 * requires that nothing refers to it but what this transaction has seen.
 */
final class ReferentialIntegrity {
    private final StatementContext context;
    private final TransactionTables tables;
    private final Transaction transaction;
    private final Catalog catalog;
    private final Map<Integer, ReferencePath> paths = new HashMap<>();
    private final Map<Integer, RowChecks> rowChecks = new HashMap<>();

    /**
     * @param context of a new command that sees the newest state and all that the transaction has
     *     written
     */
    ReferentialIntegrity(StatementContext context) {
        this.context = context;
        this.tables = context.access();
        this.transaction = context.transaction();
        this.catalog = context.catalog();
    }

    private record Child(ConstraintChecks.Referenced cause, Bytes row) {}

    void check(List<Check> checks) {
        Map<Integer, List<ConstraintChecks.Referenced>> byKey = new LinkedHashMap<>();
        for (Check check : checks) {
            if (check instanceof ConstraintChecks.Referenced referenced) {
                byKey.computeIfAbsent(referenced.constraint().id(), id -> new ArrayList<>())
                        .add(referenced);
            }
        }
        for (Check check : checks) {
            context.checkCanceled();
            switch (check) {
                case ConstraintChecks.Referencing referencing -> checkParent(referencing);
                case ConstraintChecks.Duplicate duplicate -> checkDuplicate(duplicate);
                case ConstraintChecks.Referenced referenced -> {
                    List<ConstraintChecks.Referenced> all =
                            byKey.remove(referenced.constraint().id());
                    if (all != null) {
                        checkChildren(all);
                    }
                }
            }
        }
    }

    private void checkDuplicate(ConstraintChecks.Duplicate check) {
        if (tables.keyHolders().holders(check.table(), check.index(), check.values()) > 1) {
            throw tables.duplicate(check.table(), check.index(), check.values());
        }
    }

    private ReferencePath path(Catalog.Reference reference) {
        return paths.computeIfAbsent(
                reference.key().id(),
                id -> new ReferencePath(catalog, context.functions(), reference));
    }

    // ---- the referencing side ----

    private void checkParent(ConstraintChecks.Referencing check) {
        ReferencePath path = path(check.reference());
        byte[] row = tables.own(path.child, check.row());
        if (row == null) {
            return;
        }
        @Nullable Object[] values = RowCodec.decode(path.child.columns(), row);
        int nulls = path.nulls(values);
        if (path.key.matchFull() && nulls > 0 && nulls < path.key.columns().size()) {
            throw ConstraintErrors.mixedNulls(catalog, path);
        }
        Bytes key = path.keyOfChild(values, context);
        if (key != null) {
            requireParent(path, key, values);
        }
    }

    private void requireParent(ReferencePath path, Bytes key, @Nullable Object[] values) {
        switch (tables.keyHolders().lockHolder(path.parent, path.parentIndex, key)) {
            case NONE -> throw ConstraintErrors.noParent(catalog, path, values);
            case COMMITTED ->
                    transaction.require(
                            tables.keyHolders().isStill(path.parent, path.parentIndex, key));
            case OWN -> {
                // It comes with this transaction, or its version is required anyway.
            }
        }
    }

    // ---- the referenced side ----

    private void checkChildren(List<ConstraintChecks.Referenced> events) {
        ReferencePath path = path(events.getFirst().reference());
        Map<Bytes, ConstraintChecks.Referenced> gone = new LinkedHashMap<>();
        for (ConstraintChecks.Referenced event : events) {
            Bytes key = path.keyOfParent(event.before());
            if (key == null
                    || (event.after() != null && isSame(key, path.keyOfParent(event.after())))) {
                continue;
            }
            boolean replaced =
                    action(path.key, event) == Action.NO_ACTION
                            && tables.keyHolders().holder(path.parent, path.parentIndex, key)
                                    != KeyHolders.Holder.NONE;
            if (!replaced) {
                gone.put(key, event);
            }
        }
        if (gone.isEmpty()) {
            return;
        }
        transaction.definitions.use(catalog, path.child);
        for (Child child : children(path, gone)) {
            context.checkCanceled();
            act(path, child);
        }
        requireNoOthers(path, gone);
    }

    private static boolean isSame(Bytes key, @Nullable Bytes other) {
        return other != null && key.equals(other);
    }

    private static Action action(ForeignKey key, ConstraintChecks.Referenced event) {
        return event.after() == null ? key.onDelete() : key.onUpdate();
    }

    private List<Child> children(ReferencePath path, Map<Bytes, ConstraintChecks.Referenced> gone) {
        List<Child> found = new ArrayList<>();
        if (path.childIndex == null && !path.childKey) {
            try (RowCursor rows = tables.scan(path.child, KeyRange.ALL, false)) {
                collect(path, rows, gone, found);
            }
            return found;
        }
        for (ConstraintChecks.Referenced event : gone.values()) {
            KeyRange range = path.childRange(event.before());
            try (RowCursor rows =
                    path.childIndex == null
                            ? tables.scan(path.child, range, false)
                            : tables.scanIndex(path.child, path.childIndex, range, false)) {
                collect(path, rows, gone, found);
            }
        }
        return found;
    }

    private void collect(
            ReferencePath path,
            RowCursor rows,
            Map<Bytes, ConstraintChecks.Referenced> gone,
            List<Child> found) {
        while (rows.next()) {
            context.checkCanceled();
            Bytes key = path.keyOfChild(RowCodec.decode(path.child.columns(), rows.row()), context);
            ConstraintChecks.Referenced cause = key == null ? null : gone.get(key);
            if (cause != null) {
                found.add(new Child(cause, Bytes.copyOf(rows.key())));
            }
        }
    }

    private void act(ReferencePath path, Child child) {
        ConstraintChecks.Referenced cause = child.cause();
        Action action = action(path.key, cause);
        if (action == Action.NO_ACTION || action == Action.RESTRICT) {
            throw ConstraintErrors.stillReferenced(catalog, path, cause.before());
        }
        StoredRow now =
                tables.lock(
                        path.child,
                        child.row(),
                        action == Action.CASCADE && cause.after() == null
                                ? RowLockStrength.UPDATE
                                : RowLockStrength.NO_KEY_UPDATE,
                        RowWait.WAIT);
        if (now == null) {
            return;
        }
        @Nullable Object[] old = RowCodec.decode(path.child.columns(), now.row());
        Bytes key = path.keyOfParent(cause.before());
        if (key == null || !isSame(key, path.keyOfChild(old, context))) {
            return;
        }
        if (action == Action.CASCADE && cause.after() == null) {
            tables.delete(path.child, child.row(), old);
            return;
        }
        @Nullable Object[] changed = old.clone();
        List<Integer> columns = path.key.columns();
        RowChecks checks = rowChecks(path.child);
        for (int i = 0; i < columns.size(); i++) {
            int number = columns.get(i);
            boolean sets =
                    cause.after() != null
                            || path.key.deleteColumns().isEmpty()
                            || path.key.deleteColumns().contains(number);
            if (sets) {
                changed[number - 1] = newValue(path, action, cause, checks, i);
            }
        }
        checks.regenerate(changed, context);
        checks.check(changed, context);
        tables.update(path.child, child.row(), old, changed);
        if (action == Action.SET_DEFAULT && isSame(key, path.keyOfChild(changed, context))) {
            throw ConstraintErrors.stillReferenced(catalog, path, cause.before());
        }
    }

    private @Nullable Object newValue(
            ReferencePath path,
            Action action,
            ConstraintChecks.Referenced cause,
            RowChecks checks,
            int position) {
        ColumnDef column = path.child.column(path.key.columns().get(position));
        @Nullable Object[] after = cause.after();
        if (action == Action.CASCADE && after != null) {
            int number = path.key.parentColumns().get(position);
            return checks.assigned(
                    column, path.parent.column(number).type(), after[number - 1], context);
        }
        return action == Action.SET_DEFAULT ? checks.defaultOf(column, context) : null;
    }

    private RowChecks rowChecks(TableDef table) {
        return rowChecks.computeIfAbsent(
                table.id(),
                id -> new RowChecks(context, new Definitions(context, true, false), table));
    }

    // ---- what must hold in the log ----

    /** That no row refers to the keys but those that this transaction has dealt with. */
    private void requireNoOthers(ReferencePath path, Map<Bytes, ConstraintChecks.Referenced> gone) {
        if (path.childIndex == null && !path.childKey) {
            transaction.require(unchanged(path.child, KeyRange.ALL));
            return;
        }
        for (ConstraintChecks.Referenced event : gone.values()) {
            KeyRange range = path.childRange(event.before());
            if (path.childIndex == null) {
                transaction.require(unchanged(path.child, range));
            } else {
                requireNoneIn(path.child, path.childIndex, range);
            }
        }
    }

    private Precondition unchanged(TableDef table, KeyRange range) {
        return new Precondition.RangeUnchanged(
                table.storageId(), range.from(), range.to(), context.view().offset());
    }

    /** A key that nothing refers to needs no more than that; else all of the table stands still. */
    private void requireNoneIn(TableDef table, IndexDef index, KeyRange range) {
        boolean none;
        try (IndexCursor entries = context.view().scanIndex(index.id(), range, false)) {
            none = !entries.next();
        }
        transaction.require(
                none
                        ? new Precondition.RangeEmpty(index.id(), true, range.from(), range.to())
                        : unchanged(table, KeyRange.ALL));
    }
}
