package dev.driftdb.query.catalog;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Finds the relations that the engine computes. Immutable. */
public interface SystemRelations {
    @Nullable SystemRelation find(String schema, String name);

    Collection<SystemRelation> all();
}
