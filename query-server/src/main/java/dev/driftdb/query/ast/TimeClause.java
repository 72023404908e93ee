package dev.driftdb.query.ast;

/** What a FROM item says of time. */
public sealed interface TimeClause {
    /** FOR SYSTEM_TIME AS OF point, AS OF point. */
    record AsOf(TimePoint point) implements TimeClause {}

    /** BETWEEN a AND b ({@code inclusive}), FROM a TO b. */
    record Between(TimePoint from, TimePoint to, boolean inclusive) implements TimeClause {}

    /** FOR SYSTEM_TIME ALL. */
    record All() implements TimeClause {}
}
