/** Tables and entries that the tests of this module share. */
@NullMarked
package dev.driftdb.materializer.testing;

import org.jspecify.annotations.NullMarked;
