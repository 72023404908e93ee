/**
 * Sessions and transactions: where statements run, where their changes wait, and how a commit
 * becomes an entry of the log. A session belongs to one connection and is used by one thread at a
 * time.
 */
@NullMarked
package dev.driftdb.query.session;

import org.jspecify.annotations.NullMarked;
