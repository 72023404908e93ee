package dev.driftdb.query.plan;

import dev.driftdb.schemas.type.SqlType;

/**
 * One column of a plan's rows.
 *
 * @param tableId where it comes from unchanged, else 0
 * @param columnNumber its number there, else 0
 */
public record OutputColumn(String name, SqlType type, int typmod, int tableId, int columnNumber) {
    public static OutputColumn of(String name, SqlType type) {
        return new OutputColumn(name, type, -1, 0, 0);
    }
}
