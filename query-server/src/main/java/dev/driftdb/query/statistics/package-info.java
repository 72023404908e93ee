/** What one server knows of its tables' contents, for planning only: no part of the log. */
@NullMarked
package dev.driftdb.query.statistics;

import org.jspecify.annotations.NullMarked;
