/** How far long work is, for the log and for who asks. */
@org.jspecify.annotations.NullMarked
package dev.driftdb.materializer.progress;
