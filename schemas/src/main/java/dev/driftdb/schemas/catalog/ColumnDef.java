package dev.driftdb.schemas.catalog;

import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.SqlType;
import org.jspecify.annotations.Nullable;

/**
 * One column. Its number never changes and is never used again: a row stores values by number.
 *
 * @param number from 1; position {@code number - 1} in a stored row
 * @param typmod PostgreSQL's type modifier (varchar(n): n + 4; numeric(p,s): (p << 16 | s) + 4), -1
 *     for none
 * @param defaultSql the text of the DEFAULT expression, null for none
 * @param missingValue what rows written before the column was added hold, as one value in {@link
 *     dev.driftdb.schemas.row.RowCodec}'s value format; null for NULL
 * @param identity whether GENERATED … AS IDENTITY
 * @param dropped true after DROP COLUMN: the number stays taken and the column is invisible
 */
public record ColumnDef(
        int number,
        String name,
        SqlType type,
        int typmod,
        boolean notNull,
        @Nullable String defaultSql,
        @Nullable Bytes missingValue,
        Identity identity,
        boolean dropped) {

    /** GENERATED AS IDENTITY, pg_attribute.attidentity. */
    public enum Identity {
        NONE,
        ALWAYS,
        BY_DEFAULT
    }

    public static ColumnDef of(int number, String name, SqlType type) {
        return new ColumnDef(number, name, type, -1, false, null, null, Identity.NONE, false);
    }
}
