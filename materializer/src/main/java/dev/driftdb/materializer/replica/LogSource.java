package dev.driftdb.materializer.replica;

import java.nio.file.Path;
import java.util.List;

/** The log alone, from its first entry on. Safe for any thread. */
record LogSource(LogReader log) implements ReplaySource {
    @Override
    public List<Base> bases() {
        return List.of();
    }

    @Override
    public void fetch(Base base, Path directory, Runnable checkStop) {
        throw new IllegalArgumentException("there is no snapshot");
    }

    @Override
    public long logBeginning() {
        return log.beginning();
    }

    @Override
    public void read(long from, long to, Sink sink, Runnable checkStop) {
        log.read(from, to, sink, checkStop);
    }
}
