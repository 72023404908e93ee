/**
 * One record per message of the PostgreSQL protocol, named as in the manual's "Message Formats".
 */
@NullMarked
package dev.driftdb.pgwire.message;

import org.jspecify.annotations.NullMarked;
