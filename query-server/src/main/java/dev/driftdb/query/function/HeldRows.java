package dev.driftdb.query.function;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Rows of a function in FROM that hold something open; closed when nobody reads on. */
public interface HeldRows extends Iterator<@Nullable Object[]>, AutoCloseable {
    @Override
    void close();
}
