package dev.driftdb.query.execute;

/** What a common table expression has to give, read any number of times. */
@FunctionalInterface
public interface CommonRows {
    Rows open();
}
