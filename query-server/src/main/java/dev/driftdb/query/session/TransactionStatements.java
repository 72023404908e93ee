package dev.driftdb.query.session;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.TransactionStatement;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What BEGIN, COMMIT, ROLLBACK, SET TRANSACTION and SET CONSTRAINTS do. For the session's thread
 * only.
 */
final class TransactionStatements {
    private final Session session;
    private final Cursors cursors;

    TransactionStatements(Session session, Cursors cursors) {
        this.session = session;
        this.cursors = cursors;
    }

    Result run(TransactionStatement statement) {
        TransactionBlock block = session.block();
        return switch (statement) {
            case TransactionStatement.Begin begin -> begin(begin.modes());
            case TransactionStatement.Commit commit -> commit(commit.chain());
            case TransactionStatement.Rollback rollback -> rollback(rollback.chain());
            case TransactionStatement.Savepoint savepoint -> {
                block.explicit("SAVEPOINT").savepoint(savepoint.name());
                yield Result.done(statement);
            }
            case TransactionStatement.ReleaseSavepoint release -> {
                block.explicit("RELEASE SAVEPOINT").releaseSavepoint(release.name());
                yield Result.done(statement);
            }
            case TransactionStatement.RollbackToSavepoint rollback -> {
                block.explicit("ROLLBACK TO SAVEPOINT").rollbackToSavepoint(rollback.name());
                block.recovered();
                yield Result.done(statement);
            }
            case TransactionStatement.SetTransaction set -> setTransaction(set);
            case TransactionStatement.SetConstraints set -> setConstraints(set);
            case TransactionStatement.LockTable lock -> new TableLocking(session).lock(lock);
        };
    }

    private Result begin(TransactionStatement.TransactionModes modes) {
        if (session.block().isExplicit()) {
            session.warn(
                    SqlState.ACTIVE_SQL_TRANSACTION, "there is already a transaction in progress");
        }
        Long asOf = offsetOf(modes);
        configure(session.block().beginExplicit(), modes, asOf);
        return new Result.Command("BEGIN");
    }

    /** Gives the transaction the modes that were said. */
    void configure(Transaction transaction, TransactionStatement.TransactionModes modes) {
        configure(transaction, modes, offsetOf(modes));
    }

    private static void configure(
            Transaction transaction,
            TransactionStatement.TransactionModes modes,
            @Nullable Long asOf) {
        transaction.configure(
                new Transaction.Modes(
                        modes.isolation(), modes.readOnly(), modes.deferrable(), asOf));
    }

    private @Nullable Long offsetOf(TransactionStatement.TransactionModes modes) {
        if (modes.asOf() == null) {
            return null;
        }
        try (StatementContext context = session.peek()) {
            Long offset = context.resolve(modes.asOf());
            if (offset == null) {
                throw SqlException.notSupported("a parameter as the point of a transaction");
            }
            return offset;
        }
    }

    private Result commit(boolean chain) {
        if (chain) {
            session.block().explicit("COMMIT AND CHAIN");
        }
        boolean inBlock = session.block().isExplicit();
        if (!inBlock) {
            session.warn(SqlState.NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
        }
        Transaction ending = session.block().running();
        boolean committed = session.block().commit();
        cursors.endTransaction(committed);
        if (chain && ending != null) {
            session.block().beginExplicit().configure(ending.modes());
        }
        return new Result.Command(committed ? "COMMIT" : "ROLLBACK");
    }

    private Result rollback(boolean chain) {
        if (chain) {
            session.block().explicit("ROLLBACK AND CHAIN");
        }
        boolean inBlock = session.block().isExplicit();
        if (!inBlock) {
            session.warn(SqlState.NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress");
        }
        Transaction ending = session.block().running();
        cursors.endTransaction(false);
        session.block().rollback();
        if (chain && ending != null) {
            session.block().beginExplicit().configure(ending.modes());
        }
        return new Result.Command("ROLLBACK");
    }

    private Result setTransaction(TransactionStatement.SetTransaction set) {
        TransactionStatement.TransactionModes modes = set.modes();
        if (set.session()) {
            if (modes.isolation() != null) {
                session.settings().set("default_transaction_isolation", modes.isolation(), false);
            }
            if (modes.readOnly() != null) {
                session.settings()
                        .set(
                                "default_transaction_read_only",
                                modes.readOnly() ? "on" : "off",
                                false);
            }
            if (modes.deferrable() != null) {
                session.settings()
                        .set(
                                "default_transaction_deferrable",
                                modes.deferrable() ? "on" : "off",
                                false);
            }
        } else if (session.block().isExplicit()) {
            configure(session.block().transaction(), modes);
        } else {
            session.warn(
                    SqlState.NO_ACTIVE_SQL_TRANSACTION,
                    "SET TRANSACTION can only be used in transaction blocks");
        }
        return Result.done(set);
    }

    private Result setConstraints(TransactionStatement.SetConstraints set) {
        if (!session.block().isExplicit()) {
            session.warn(
                    SqlState.NO_ACTIVE_SQL_TRANSACTION,
                    "SET CONSTRAINTS can only be used in transaction blocks");
            return Result.done(set);
        }
        Transaction transaction = session.block().transaction();
        if (set.names().isEmpty()) {
            transaction.checks.defer(set.deferred());
        }
        try (StatementContext context = session.peek()) {
            for (QualifiedName name : set.names()) {
                for (Constraint constraint : constraints(context, name)) {
                    if (!constraint.deferrable()) {
                        throw new SqlException(
                                SqlState.WRONG_OBJECT_TYPE,
                                "constraint \"" + name.last() + "\" is not deferrable");
                    }
                    transaction.checks.defer(constraint.id(), set.deferred());
                }
            }
        }
        if (!set.deferred()) {
            session.dueChecks().immediate(transaction);
        }
        return Result.done(set);
    }

    /** The constraints of a name in the first schema of the search path that has any. */
    private List<Constraint> constraints(StatementContext context, QualifiedName name) {
        List<String> schemas =
                name.parts().size() > 1
                        ? List.of(name.parts().get(name.parts().size() - 2))
                        : context.searchPath();
        for (String schemaName : schemas) {
            SchemaDef schema = context.catalog().findSchema(schemaName);
            if (schema == null) {
                if (name.parts().size() > 1) {
                    throw new SqlException(
                            SqlState.INVALID_SCHEMA_NAME,
                            "schema \"" + schemaName + "\" does not exist");
                }
                continue;
            }
            List<Constraint> found =
                    context.catalog().objects(TableDef.class).stream()
                            .filter(table -> table.schemaId() == schema.id())
                            .flatMap(table -> table.constraints().stream())
                            .filter(constraint -> constraint.name().equals(name.last()))
                            .toList();
            if (!found.isEmpty()) {
                return found;
            }
        }
        throw new SqlException(
                SqlState.UNDEFINED_OBJECT, "constraint \"" + name.last() + "\" does not exist");
    }
}
