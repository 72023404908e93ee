/** The basic path against a Kafka that is not ours. */
@NullMarked
package dev.driftdb.tests.broker;

import org.jspecify.annotations.NullMarked;
