/**
 * The benchmark command ({@code ./driftdb bench}): each class ending in Benchmark measures one
 * thing on a node that runs as a process of its own and adds lines to the table; docs/benchmarks.md
 * says what each line means. {@link dev.driftdb.bench.Bench} is where it starts.
 */
@NullMarked
package dev.driftdb.bench;

import org.jspecify.annotations.NullMarked;
