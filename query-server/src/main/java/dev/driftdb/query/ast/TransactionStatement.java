package dev.driftdb.query.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement that begins, ends or sets up a transaction. */
public sealed interface TransactionStatement extends Statement {
    /** What BEGIN and SET TRANSACTION may say; null for what was not said. */
    record TransactionModes(
            @Nullable String isolation,
            @Nullable Boolean readOnly,
            @Nullable Boolean deferrable,
            @Nullable TimePoint asOf) {
        public static final TransactionModes NONE = new TransactionModes(null, null, null, null);
    }

    record Begin(TransactionModes modes) implements TransactionStatement {}

    record Commit(boolean chain) implements TransactionStatement {}

    record Rollback(boolean chain) implements TransactionStatement {}

    record Savepoint(String name) implements TransactionStatement {}

    record ReleaseSavepoint(String name) implements TransactionStatement {}

    record RollbackToSavepoint(String name) implements TransactionStatement {}

    /** SET TRANSACTION, or SET SESSION CHARACTERISTICS AS TRANSACTION ({@code session}). */
    record SetTransaction(TransactionModes modes, boolean session)
            implements TransactionStatement {}

    /** SET CONSTRAINTS; {@code names} empty for ALL. */
    record SetConstraints(List<QualifiedName> names, boolean deferred)
            implements TransactionStatement {}

    record LockTable(List<QualifiedName> tables, String mode, boolean noWait)
            implements TransactionStatement {}
}
