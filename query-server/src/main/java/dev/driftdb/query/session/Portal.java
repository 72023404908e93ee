package dev.driftdb.query.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A bound statement of the extended protocol, and how far its rows have been read. */
final class Portal {
    private final PreparedStatement prepared;
    private final short[] parameterFormats;
    private final List<byte @Nullable []> parameters;
    private final short[] resultFormats;
    private @Nullable Result result;
    private @Nullable RowEncoder encoder;
    private boolean done;

    Portal(
            PreparedStatement prepared,
            short[] parameterFormats,
            List<byte @Nullable []> parameters,
            short[] resultFormats) {
        this.prepared = prepared;
        this.parameterFormats = parameterFormats;
        this.parameters = parameters;
        this.resultFormats = resultFormats;
    }

    /** The same before its first Execute. */
    Portal anew() {
        return new Portal(prepared, parameterFormats, parameters, resultFormats);
    }

    PreparedStatement prepared() {
        return prepared;
    }

    PlannedStatement planned() {
        return prepared.planned();
    }

    short[] parameterFormats() {
        return parameterFormats;
    }

    List<byte @Nullable []> parameters() {
        return parameters;
    }

    short[] resultFormats() {
        return resultFormats;
    }

    /** Null before the first Execute. */
    @Nullable Result result() {
        return result;
    }

    void started(Result started) {
        result = started;
    }

    @Nullable RowEncoder encoder() {
        return encoder;
    }

    RowEncoder encodeWith(RowEncoder made) {
        encoder = made;
        return made;
    }

    boolean isDone() {
        return done;
    }

    void close() {
        if (!done && result instanceof Result.Rows rows) {
            rows.source().close();
        }
        done = true;
    }
}
