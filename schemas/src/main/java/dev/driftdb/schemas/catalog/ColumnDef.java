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
 * @param defaultSql the text of the DEFAULT expression (of the generation expression if the
 *     identity is {@link Identity#STORED}), null for none
 * @param missingValue what rows written before the column was added hold, as one value in {@link
 *     dev.driftdb.schemas.row.RowCodec}'s value format; null for NULL
 * @param identity whether and how its values are GENERATED
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

    /**
     * GENERATED AS IDENTITY (pg_attribute.attidentity), or GENERATED ALWAYS AS (expression) STORED
     * (attgenerated).
     */
    public enum Identity {
        NONE,
        ALWAYS,
        BY_DEFAULT,
        STORED
    }

    /** Whether GENERATED … AS IDENTITY. */
    public boolean isIdentity() {
        return identity == Identity.ALWAYS || identity == Identity.BY_DEFAULT;
    }

    /** Whether GENERATED ALWAYS AS (expression) STORED. */
    public boolean isGenerated() {
        return identity == Identity.STORED;
    }

    public ColumnDef withName(String value) {
        return new ColumnDef(
                number, value, type, typmod, notNull, defaultSql, missingValue, identity, dropped);
    }

    public ColumnDef withNumber(int value) {
        return new ColumnDef(
                value, name, type, typmod, notNull, defaultSql, missingValue, identity, dropped);
    }

    public ColumnDef withType(SqlType newType, int newTypmod) {
        return new ColumnDef(
                number,
                name,
                newType,
                newTypmod,
                notNull,
                defaultSql,
                missingValue,
                identity,
                dropped);
    }

    public ColumnDef withNotNull(boolean value) {
        return new ColumnDef(
                number, name, type, typmod, value, defaultSql, missingValue, identity, dropped);
    }

    public ColumnDef withDefault(@Nullable String sql) {
        return new ColumnDef(
                number, name, type, typmod, notNull, sql, missingValue, identity, dropped);
    }

    public ColumnDef withMissing(@Nullable Bytes value) {
        return new ColumnDef(
                number, name, type, typmod, notNull, defaultSql, value, identity, dropped);
    }

    public ColumnDef withIdentity(Identity value) {
        return new ColumnDef(
                number, name, type, typmod, notNull, defaultSql, missingValue, value, dropped);
    }

    public ColumnDef withType(SqlType other) {
        return new ColumnDef(
                number, name, other, typmod, notNull, defaultSql, missingValue, identity, dropped);
    }

    public static ColumnDef of(int number, String name, SqlType type) {
        return new ColumnDef(number, name, type, -1, false, null, null, Identity.NONE, false);
    }
}
