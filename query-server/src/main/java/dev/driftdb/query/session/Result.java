package dev.driftdb.query.session;

import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.plan.OutputColumn;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a statement answers. */
sealed interface Result {
    /** No rows: the command tag ("INSERT 0 1", "BEGIN"). */
    record Command(String tag) implements Result {}

    /** The answer of a statement that has nothing more to say. */
    static Command done(Statement statement) {
        return new Command(Tags.of(statement));
    }

    /** Rows to be pulled; the tag is known at their end. */
    record Rows(List<OutputColumn> columns, RowSource source) implements Result {}

    /** The client is to send the rows of COPY FROM STDIN. */
    record CopyIn(CopyFrom target) implements Result {}

    /** Lines of COPY TO STDOUT, each ending with a newline. */
    record CopyOut(int columnCount, Iterator<byte[]> lines, CopyCount count) implements Result {}

    /** How many rows a COPY has moved. */
    final class CopyCount {
        long rows;
    }

    /** Rows of one execution. */
    interface RowSource extends AutoCloseable {
        @Nullable Object @Nullable [] next();

        /** The command tag; called after the last row (or when a portal stops being read). */
        String tag();

        @Override
        void close();
    }
}
