package dev.driftdb.query.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement about what the session has: its settings and its prepared statements. */
public sealed interface SessionStatement extends Statement {
    /** SET [LOCAL] name = values; {@code values} null for DEFAULT. */
    record Set(String name, @Nullable List<String> values, boolean local)
            implements SessionStatement {}

    /** RESET name; "all" for RESET ALL. */
    record Reset(String name) implements SessionStatement {}

    /** SHOW name; "all" for SHOW ALL. */
    record Show(String name) implements SessionStatement {}

    /** {@code text} is the inner statement's own text. */
    record Prepare(String name, List<TypeName> types, String text, Statement statement)
            implements SessionStatement {}

    record Execute(String name, List<SqlExpr> arguments) implements SessionStatement {}

    /** {@code name} null for ALL. */
    record Deallocate(@Nullable String name) implements SessionStatement {}

    /** DISCARD ALL | PLANS | SEQUENCES | TEMP. */
    record Discard(String what) implements SessionStatement {}
}
