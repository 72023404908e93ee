package dev.driftdb.query.execute;

/**
 * A node of a physical plan: immutable, opened any number of times.
 *
 * <p>A row has the columns of the logical plan, then one hidden {@link RowId} for each base table
 * whose row identity somebody above needs.
 */
@FunctionalInterface
public interface Operator {
    Rows open(Frame frame);
}
