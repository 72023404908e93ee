/** The rules of modules and packages. */
@NullMarked
package dev.driftdb.tests.arch;

import org.jspecify.annotations.NullMarked;
