package dev.driftdb.query.session;

import dev.driftdb.materializer.state.EntryInfo;
import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.query.ast.TransactionName;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Finds the entries of committed transactions that statements name. */
final class CommittedEntries {
    private final StatementContext context;

    CommittedEntries(StatementContext context) {
        this.context = context;
    }

    /**
     * @throws SqlException 42704 for an id that no transaction has, 22023 for an offset without
     *     one, and for one that had no effect
     */
    EntryInfo find(TransactionName name) {
        EntryInfo entry =
                switch (name) {
                    case TransactionName.Id id -> byId(id);
                    case TransactionName.At at -> at(at);
                };
        if (!entry.committed()) {
            throw new SqlException(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "the transaction at offset " + entry.offset() + " had no effect");
        }
        return entry;
    }

    /** From the newest on: mostly it is one of the last. */
    private EntryInfo byId(TransactionName.Id name) {
        UUID id = (UUID) TextFormat.parse(Types.UUID, name.text(), context.format());
        ReadView view = context.view();
        for (long offset = view.offset(); offset >= 0; offset--) {
            context.checkCanceled();
            EntryInfo entry = view.entry(offset);
            if (entry != null && entry.transactionId().equals(id)) {
                return entry;
            }
        }
        throw new SqlException(
                        SqlState.UNDEFINED_OBJECT,
                        "transaction \"" + id + "\" does not exist",
                        name.position())
                .withDetail("No entry of the log up to offset " + view.offset() + " has this id.");
    }

    private EntryInfo at(TransactionName.At name) {
        Long offset = context.resolve(name.offset());
        if (offset == null) {
            throw SqlException.notSupported("a parameter as the transaction of REVERT TRANSACTION");
        }
        @Nullable EntryInfo entry = context.view().entry(offset);
        if (entry == null) {
            throw new SqlException(
                            SqlState.INVALID_PARAMETER_VALUE,
                            "there is no transaction at offset " + offset)
                    .withHint("driftdb.log shows the offsets of all transactions.");
        }
        return entry;
    }
}
