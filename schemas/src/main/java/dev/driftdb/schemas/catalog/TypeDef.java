package dev.driftdb.schemas.catalog;

import dev.driftdb.schemas.type.SqlType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A type made by CREATE TYPE or CREATE DOMAIN; its id is the oid of the type. */
public record TypeDef(int id, int schemaId, String name, int ownerId, Kind kind)
        implements CatalogObject {

    /** What kind of type it is. */
    public sealed interface Kind {}

    /**
     * @param labels in the order of their positions
     */
    public record Enumeration(List<EnumLabel> labels) implements Kind {
        public Enumeration {
            labels = List.copyOf(labels);
        }
    }

    /**
     * A label: what is stored is its position, which never changes.
     *
     * @param id the oid in pg_enum
     */
    public record EnumLabel(int id, long position, String name) {}

    /**
     * @param over the type it is made over
     * @param typmod of that type, -1 for none
     * @param defaultSql the text of the DEFAULT expression, null for none
     * @param searchPath the schemas that names in the texts are resolved in
     */
    public record Domain(
            SqlType over,
            int typmod,
            boolean notNull,
            @Nullable String defaultSql,
            List<DomainCheck> checks,
            List<String> searchPath)
            implements Kind {
        public Domain {
            checks = List.copyOf(checks);
            searchPath = List.copyOf(searchPath);
        }
    }

    /**
     * A condition over VALUE.
     *
     * @param validated whether the values that were there when it was made are known to satisfy it
     */
    public record DomainCheck(int id, String name, String sql, boolean validated) {}

    /**
     * @param attributes by number, dropped ones included, as the columns of a table
     */
    public record Composite(List<ColumnDef> attributes) implements Kind {
        public Composite {
            attributes = List.copyOf(attributes);
        }

        public List<ColumnDef> visible() {
            return attributes.stream().filter(attribute -> !attribute.dropped()).toList();
        }
    }

    public TypeDef withKind(Kind other) {
        return new TypeDef(id, schemaId, name, ownerId, other);
    }

    public TypeDef withName(int schema, String newName) {
        return new TypeDef(id, schema, newName, ownerId, kind);
    }
}
