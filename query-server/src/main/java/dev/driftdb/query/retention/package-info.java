/** How long history is kept, and dropping what is older. */
@NullMarked
package dev.driftdb.query.retention;

import org.jspecify.annotations.NullMarked;
