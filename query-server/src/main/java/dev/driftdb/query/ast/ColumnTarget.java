package dev.driftdb.query.ast;

import java.util.List;

/**
 * What a value is given to: a column, or a part of it ({@code a[1]}, {@code c.f}, {@code j['k']}).
 *
 * @param parts from the column inwards; none for the whole column
 */
public record ColumnTarget(String column, List<Part> parts, int position) {
    public ColumnTarget {
        parts = List.copyOf(parts);
    }

    /** One step into a column's value. */
    public sealed interface Part {
        record Subscript(SqlExpr.Bracket bracket) implements Part {}

        /** A field of a row; {@code *} for all of them. */
        record Field(String name) implements Part {}
    }
}
