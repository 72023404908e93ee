/** The state of one replica: current rows, their history, index entries; read at an offset. */
@NullMarked
package dev.driftdb.materializer.state;

import org.jspecify.annotations.NullMarked;
