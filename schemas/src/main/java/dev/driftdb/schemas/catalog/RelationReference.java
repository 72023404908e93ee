package dev.driftdb.schemas.catalog;

import java.util.List;

/**
 * What the name of a relation at one place of a view's text stands for, whatever it is called now:
 * the relation by its id, and its columns under the names that they had when the view was made.
 *
 * @param position where the name begins in the text, from 1
 * @param columns in order; columns that were added later are not among them
 */
public record RelationReference(int position, int relationId, List<Named> columns) {
    public RelationReference {
        columns = List.copyOf(columns);
    }

    /**
     * @param number of the column in its relation
     * @param name in the view's text
     * @param used whether the view reads it
     */
    public record Named(int number, String name, boolean used) {}

    public boolean uses(int columnNumber) {
        return columns.stream().anyMatch(c -> c.used() && c.number() == columnNumber);
    }
}
