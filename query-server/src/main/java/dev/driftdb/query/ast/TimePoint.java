package dev.driftdb.query.ast;

/** A point in time as written; it names one offset of the log (docs: time travel). */
public sealed interface TimePoint {
    /** OFFSET n, @SEQ:n, a bare integer. */
    record Offset(SqlExpr expression) implements TimePoint {}

    /** TIMESTAMP 'ts', a bare string, or any timestamptz expression without columns. */
    record At(SqlExpr expression) implements TimePoint {}

    /** INTERVAL '-10 minutes', '-10s' after AS OF SYSTEM TIME: that long ago. */
    record Ago(SqlExpr expression) implements TimePoint {}

    /**
     * A value that may be any of them, by its type: an integer is an offset, an interval a span, a
     * text a point as in SET driftdb.as_of, all else a time.
     */
    record Value(SqlExpr expression) implements TimePoint {}

    /**
     * TAG 'name'.
     *
     * @param position of the name
     */
    record Tag(String name, int position) implements TimePoint {}
}
