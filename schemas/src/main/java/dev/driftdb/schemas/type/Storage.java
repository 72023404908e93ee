package dev.driftdb.schemas.type;

/**
 * The Java class of a type's values, and with it their order, hash and byte formats.
 *
 * <p>All integers, oids, dates and times share {@code Long} with PostgreSQL's own binary meaning:
 * days or microseconds since 2000-01-01, {@code Long.MAX_VALUE} and {@code Long.MIN_VALUE} for
 * infinity and -infinity.
 */
public enum Storage {
    /** {@link Boolean}. */
    BOOLEAN,
    /**
     * {@link Long}: int2, int4, int8, oid, reg*, xid; date (days since 2000-01-01); time
     * (microseconds since midnight); timestamp and timestamptz (microseconds since 2000-01-01).
     */
    LONG,
    /** {@link Long}: the position of a label of an enumeration, in the order of the type. */
    ENUM,
    /** {@link Float}. */
    FLOAT4,
    /** {@link Double}. */
    FLOAT8,
    /** {@link Numeric}. */
    NUMERIC,
    /**
     * {@link String}: text, varchar, bpchar (blank-padded to its length), name, "char", json,
     * unknown.
     */
    TEXT,
    /** {@link Bytes}. */
    BYTES,
    /** {@link Interval}. */
    INTERVAL,
    /** {@link TimeTz}. */
    TIMETZ,
    /** {@link java.util.UUID}, ordered as unsigned bytes. */
    UUID,
    /** {@link Jsonb}. */
    JSONB,
    /** {@link SqlArray}. */
    ARRAY,
    /** {@link SqlRow}. */
    ROW,
    /** No value: void and pseudo-types. */
    NONE
}
