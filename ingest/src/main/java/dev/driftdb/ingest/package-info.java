/** Into the log: everything that appends entries, and the topics it appends to. */
@NullMarked
package dev.driftdb.ingest;

import org.jspecify.annotations.NullMarked;
