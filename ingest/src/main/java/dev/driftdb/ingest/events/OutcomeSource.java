package dev.driftdb.ingest.events;

import dev.driftdb.schemas.log.Outcome;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Where ingest learns what became of its entries: this node's replica. */
public interface OutcomeSource {
    /** Completes when the entry was applied here; asked before the entry is appended. */
    CompletableFuture<Outcome> outcomeOf(UUID transactionId);

    /** Nobody waits for this outcome any longer. */
    void forget(UUID transactionId);
}
