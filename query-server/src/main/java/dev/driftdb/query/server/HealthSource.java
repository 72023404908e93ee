package dev.driftdb.query.server;

import dev.driftdb.query.session.Database;
import java.util.concurrent.CompletableFuture;

/** What HTTP tells of a node. Safe for any thread. */
record HealthSource(Database database, TopicServices topics, CompletableFuture<String> fatal) {
    boolean isHealthy() {
        return !fatal.isDone();
    }

    long appliedOffset() {
        return database.replica().appliedOffset();
    }

    int sessionCount() {
        return database.sessionCount();
    }
}
