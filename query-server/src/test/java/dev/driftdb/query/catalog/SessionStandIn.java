package dev.driftdb.query.catalog;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.query.expr.LoneSession;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.SequenceState;
import java.util.List;

/** One session of user driftdb over a catalog and a view. */
record SessionStandIn(Catalog catalog, ReadView view) implements LoneSession {
    @Override
    public String database() {
        return "shop";
    }

    @Override
    public List<List<String>> settings() {
        return List.of(
                List.of("server_version", "16.0", "the version"),
                List.of("work_mem", "4MB", "memory"));
    }

    @Override
    public List<SessionInfo> sessions() {
        return List.of(
                new SessionInfo(
                        7,
                        "driftdb",
                        "shop",
                        "psql",
                        "127.0.0.1",
                        4321,
                        0,
                        null,
                        1L,
                        "active",
                        "SELECT 1",
                        null,
                        0));
    }

    @Override
    public SequenceState sequenceState(int sequenceId) {
        return new SequenceState(41, true);
    }

    @Override
    public long currentOffset() {
        return view.offset();
    }
}
