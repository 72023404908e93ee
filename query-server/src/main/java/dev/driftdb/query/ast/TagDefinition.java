package dev.driftdb.query.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A definition of a name for a point in time. */
public sealed interface TagDefinition extends Definition {
    /**
     * CREATE TAG.
     *
     * @param asOf null for what the statement itself would read
     */
    record CreateTag(String name, boolean ifNotExists, @Nullable TimePoint asOf)
            implements TagDefinition {}

    record DropTag(List<String> names, boolean ifExists) implements TagDefinition {}
}
