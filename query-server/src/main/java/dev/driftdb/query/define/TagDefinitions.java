package dev.driftdb.query.define;

import dev.driftdb.query.ast.TagDefinition.CreateTag;
import dev.driftdb.query.ast.TagDefinition.DropTag;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.TagDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.LinkedHashSet;
import java.util.Set;

/** CREATE TAG and DROP TAG: names for points in time. */
public final class TagDefinitions {
    private final DefinitionScope scope;

    public TagDefinitions(DefinitionScope scope) {
        this.scope = scope;
    }

    public void create(CreateTag statement) {
        String name = statement.name();
        if (scope.catalog().findTag(name) != null) {
            if (statement.ifNotExists()) {
                scope.notice("tag \"" + name + "\" already exists, skipping");
                return;
            }
            throw new SqlException(
                    SqlState.DUPLICATE_OBJECT, "tag \"" + name + "\" already exists");
        }
        long offset = scope.offsetOf(statement.asOf());
        scope.write(new TagDef(scope.newId(), name, scope.ownerId(), offset));
    }

    /** All of them or none. */
    public void drop(DropTag statement) {
        Set<TagDef> found = new LinkedHashSet<>();
        for (String name : statement.names()) {
            if (statement.ifExists() && scope.catalog().findTag(name) == null) {
                scope.notice("tag \"" + name + "\" does not exist, skipping");
            } else {
                found.add(find(scope.catalog(), name, 0));
            }
        }
        found.forEach(scope::drop);
    }

    /**
     * The tag of a name that was written as a string; cut as the names of objects are.
     *
     * @param position of the name, 0 if it is not in a statement
     * @throws SqlException 42704 if there is none
     */
    public static TagDef find(Catalog catalog, String name, int position) {
        TagDef tag = catalog.findTag(Names.cut(name, Names.NAME_BYTES_MAX));
        if (tag == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT, "tag \"" + name + "\" does not exist", position);
        }
        return tag;
    }
}
