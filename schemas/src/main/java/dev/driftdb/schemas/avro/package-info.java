/**
 * Rows as Avro: what the world outside reads from changelog topics and writes to ingest topics.
 *
 * <p>Schemas follow from the catalog, per table; values are converted between the Java classes of
 * {@link dev.driftdb.schemas.type.Storage} and Avro's generic ones. docs/formats/topics.md lists
 * which type becomes what.
 */
@NullMarked
package dev.driftdb.schemas.avro;

import org.jspecify.annotations.NullMarked;
