package dev.driftdb.query.catalog;

import dev.driftdb.materializer.state.ReadView;
import dev.driftdb.query.expr.LoneSession;
import dev.driftdb.query.lock.LockMode;
import dev.driftdb.query.lock.LockTarget;
import dev.driftdb.query.lock.SessionLocks;
import dev.driftdb.query.lock.ShownLock;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.type.Bytes;
import java.util.List;
import java.util.stream.Stream;

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

    /** One lock of each kind, and one that is waited for. */
    @Override
    public SessionLocks locks() {
        Bytes key = Bytes.wrap(new byte[] {1, 2});
        List<ShownLock> shown =
                Stream.of(
                                new LockTarget.Row(16_400, key),
                                new LockTarget.Key(16_401, key),
                                new LockTarget.Table(16_400),
                                new LockTarget.Definitions(),
                                LockTarget.Advisory.of(-1))
                        .map(target ->
                                new ShownLock(7, target, 0, false, LockMode.EXCLUSIVE, true, null))
                        .toList();
        ShownLock waiting = new ShownLock(7, null, 3, false, LockMode.SHARE, false, 5L);
        return new SessionLocks() {
            @Override
            public boolean take(
                    LockTarget.Advisory target, LockMode mode, boolean xact, boolean mayWait) {
                return false;
            }

            @Override
            public boolean release(LockTarget.Advisory target, LockMode mode) {
                return false;
            }

            @Override
            public void releaseAll() {}

            @Override
            public List<ShownLock> shown() {
                return Stream.concat(shown.stream(), Stream.of(waiting)).toList();
            }

            @Override
            public List<Integer> blockersOf(int processId) {
                return List.of();
            }
        };
    }
}
