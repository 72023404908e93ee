/**
 * Functions, operators, casts and aggregates as data: the binder resolves against {@link
 * dev.driftdb.query.function.FunctionCatalog} with PostgreSQL's overload rules, and pg_proc,
 * pg_operator and pg_cast are views of it. One file per chapter of the manual.
 */
@NullMarked
package dev.driftdb.query.function;

import org.jspecify.annotations.NullMarked;
