/**
 * SQL types and the Java values that stand for them at run time.
 *
 * <p>SQL NULL is Java {@code null}. Every other value has the class that its type's {@link
 * dev.driftdb.schemas.type.Storage} names. Everything here is immutable and safe for any thread.
 */
@NullMarked
package dev.driftdb.schemas.type;

import org.jspecify.annotations.NullMarked;
