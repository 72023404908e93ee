/** Topics around the log, as other services use them. */
@NullMarked
package dev.driftdb.tests.kafka;

import org.jspecify.annotations.NullMarked;
