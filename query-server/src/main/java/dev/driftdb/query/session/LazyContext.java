package dev.driftdb.query.session;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A look at a session's own state that is taken when it is first asked for. */
final class LazyContext implements Supplier<StatementContext>, AutoCloseable {
    private final Session session;
    private @Nullable StatementContext context;

    LazyContext(Session session) {
        this.session = session;
    }

    @Override
    public StatementContext get() {
        if (context == null) {
            context = session.peek();
        }
        return context;
    }

    @Override
    public void close() {
        if (context != null) {
            context.close();
        }
    }
}
