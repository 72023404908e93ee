package dev.driftdb.query.ast;

/** A committed transaction as a statement names it. */
public sealed interface TransactionName {
    /**
     * A string with the transaction's id.
     *
     * @param position of the string
     */
    record Id(String text, int position) implements TransactionName {}

    /** OFFSET n: where its entry is in the log. */
    record At(TimePoint offset) implements TransactionName {}
}
