package dev.driftdb.query.bind;

import dev.driftdb.query.ast.TypeName;
import dev.driftdb.query.parse.StoredNames;
import dev.driftdb.schemas.catalog.RelationReference;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names of types and of the attributes of their rows at one place of a statement. In a view they
 * mean what they meant when it was made.
 */
final class UserTypeNames {
    private final BindState state;
    private final Environment environment;

    UserTypeNames(BindState state, Environment environment) {
        this.state = state;
        this.environment = environment;
    }

    /** As {@link TypeNames#resolve}. */
    TypeNames.Resolved resolve(TypeName name) {
        boolean array = name.arrayDimensions() > 0;
        return TypeNames.resolve(
                name, find(name.parts(), name.position(), array), environment.catalog());
    }

    /** The type of a name at a place of the text; null if there is none. */
    @Nullable SqlType find(List<String> parts, int position) {
        return find(parts, position, false);
    }

    /**
     * @param array whether the text goes on to say that it means arrays of the type
     */
    private @Nullable SqlType find(List<String> parts, int position, boolean array) {
        RelationReference pinned = environment.pinned().get(position);
        int id = pinned == null ? StoredNames.typeId(parts) : pinned.relationId();
        SqlType type =
                id == 0
                        ? TypeNames.find(parts, environment.catalog(), environment.searchPath())
                        : environment.catalog().findType(id);
        if (type != null && array && type.isArray()) {
            type = type.element();
        }
        if (type != null && type.definition() != null && state.references != null) {
            state.references.type(position, array ? type.arrayOid() : type.oid());
        }
        return type;
    }

    /**
     * An attribute as a text sees it.
     *
     * @param index among those that a row has now
     */
    record Attribute(String name, int index, SqlType type) {}

    /** All attributes of a row whose expansion is written at a place. */
    List<Attribute> all(SqlType row, UserType.Composite composite, int position) {
        List<Attribute> result = seen(row, composite, position);
        collect(row, composite, position, result);
        return result;
    }

    /** The attribute of this name; null if there is none. */
    @Nullable Attribute find(SqlType row, UserType.Composite composite, String name, int position) {
        for (Attribute attribute : seen(row, composite, position)) {
            if (attribute.name().equals(name)) {
                collect(row, composite, position, List.of(attribute));
                return attribute;
            }
        }
        return null;
    }

    private List<Attribute> seen(SqlType row, UserType.Composite composite, int position) {
        List<UserType.Attribute> visible = composite.visible();
        RelationReference pinned = environment.pinned().get(position);
        List<Attribute> result = new ArrayList<>();
        if (pinned == null || pinned.relationId() != row.base().oid()) {
            for (int i = 0; i < visible.size(); i++) {
                result.add(new Attribute(visible.get(i).name(), i, visible.get(i).type()));
            }
            return result;
        }
        for (RelationReference.Named named : pinned.columns()) {
            for (int i = 0; i < visible.size(); i++) {
                if (visible.get(i).number() == named.number()) {
                    result.add(new Attribute(named.name(), i, visible.get(i).type()));
                }
            }
        }
        return result;
    }

    private void collect(
            SqlType row, UserType.Composite composite, int position, List<Attribute> read) {
        if (state.references == null) {
            return;
        }
        List<RelationReference.Named> columns = new ArrayList<>();
        for (Attribute attribute : read) {
            columns.add(
                    new RelationReference.Named(
                            composite.visible().get(attribute.index()).number(),
                            attribute.name(),
                            true));
        }
        state.references.attributes(position, row.base().oid(), columns);
    }
}
