/**
 * Random schemas, data and statements that DriftDB and PostgreSQL must answer alike: {@link
 * dev.driftdb.tests.random.RandomTables} makes the tables, {@link
 * dev.driftdb.tests.random.RandomExpressions} and {@link dev.driftdb.tests.random.RandomQueries}
 * the texts, {@link dev.driftdb.tests.random.DifferentialTest} runs and compares.
 */
@NullMarked
package dev.driftdb.tests.random;

import org.jspecify.annotations.NullMarked;
