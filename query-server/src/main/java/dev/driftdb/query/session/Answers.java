package dev.driftdb.query.session;

import dev.driftdb.pgwire.message.BackendMessage;
import dev.driftdb.pgwire.server.PgSink;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.FormatSettings;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Sends what statements answer, and keeps the COPY that waits for the client's data. */
final class Answers {
    private static final short[] ALL_TEXT = {};

    private final Session session;
    private @Nullable CopyFrom copyIn;

    Answers(Session session) {
        this.session = session;
    }

    FormatSettings format() {
        return session.settings().format(session.databaseOf().nowMicros());
    }

    /** Sends a whole result; the last of a string commits before its CommandComplete. */
    void answer(Result result, boolean last, PgSink out) {
        switch (result) {
            case Result.Command command -> {
                if (last) {
                    session.block().endImplicit();
                }
                out.send(
                        command.tag().isEmpty()
                                ? new BackendMessage.EmptyQueryResponse()
                                : new BackendMessage.CommandComplete(command.tag()));
            }
            case Result.Rows rows -> {
                out.send(
                        new BackendMessage.RowDescription(
                                RowEncoder.fields(rows.columns(), ALL_TEXT)));
                RowEncoder encoder =
                        new RowEncoder(rows.columns(), ALL_TEXT, format(), session::nameOf);
                String tag;
                try (Result.RowSource source = rows.source()) {
                    for (Object[] row = source.next(); row != null; row = source.next()) {
                        encoder.send(row, out);
                    }
                    tag = source.tag();
                }
                if (last) {
                    session.block().endImplicit();
                }
                out.send(new BackendMessage.CommandComplete(tag));
            }
            case Result.CopyIn copy -> {
                copyIn = copy.target();
                out.send(new BackendMessage.CopyInResponse(false, copy.target().columnCount()));
            }
            case Result.CopyOut copy -> {
                out.send(new BackendMessage.CopyOutResponse(false, copy.columnCount()));
                Iterator<byte[]> lines = copy.lines();
                while (lines.hasNext()) {
                    session.checkCanceled();
                    out.send(new BackendMessage.CopyData(lines.next()));
                }
                out.send(new BackendMessage.CopyDone());
                if (last) {
                    session.block().endImplicit();
                }
                out.send(new BackendMessage.CommandComplete("COPY " + copy.count().rows));
            }
        }
    }

    boolean isCopyingIn() {
        return copyIn != null;
    }

    CopyFrom copyIn() {
        if (copyIn == null) {
            throw new SqlException(SqlState.PROTOCOL_VIOLATION, "there is no COPY to take data");
        }
        return copyIn;
    }

    /** The COPY is over, finished or not. */
    void endCopyIn() {
        if (copyIn != null) {
            copyIn.close();
            copyIn = null;
        }
    }
}
