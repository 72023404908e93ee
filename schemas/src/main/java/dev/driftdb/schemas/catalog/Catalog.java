package dev.driftdb.schemas.catalog;

import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The catalog as it is at one offset: an immutable image. Safe for any thread.
 *
 * <p>{@link #version()} is the offset of the last entry that changed it; a definition's own version
 * ({@link #versionOf(int)}) is the offset of the entry that wrote it. Inside a transaction an image
 * with uncommitted definitions carries {@link #UNCOMMITTED} for those.
 */
public final class Catalog {
    /** The version of a definition that its transaction has not committed yet. */
    public static final long UNCOMMITTED = Long.MAX_VALUE;

    /** The catalog of an empty log: the built-in schemas and the bootstrap role only. */
    public static final Catalog EMPTY =
            new Catalog(-1, new TreeMap<>())
                    .with(-1, new SchemaDef(SchemaDef.PG_CATALOG, "pg_catalog", RoleDef.BOOTSTRAP))
                    .with(-1, new SchemaDef(SchemaDef.PUBLIC, "public", RoleDef.BOOTSTRAP))
                    .with(
                            -1,
                            new SchemaDef(
                                    SchemaDef.INFORMATION_SCHEMA,
                                    "information_schema",
                                    RoleDef.BOOTSTRAP))
                    .with(-1, new SchemaDef(SchemaDef.DRIFTDB, "driftdb", RoleDef.BOOTSTRAP))
                    .with(-1, new RoleDef(RoleDef.BOOTSTRAP, "driftdb", true, true, true, true));

    private record Entry(CatalogObject object, long version) {}

    /** A foreign key with the table that has it. */
    public record Reference(TableDef child, Constraint.ForeignKey key) {}

    private record Name(int schemaId, String name) {}

    private final long version;
    private final TreeMap<Integer, Entry> byId;
    private final Map<Name, Relation> relations = new HashMap<>();
    private final Map<String, SchemaDef> schemas = new HashMap<>();
    private final Map<String, RoleDef> roles = new HashMap<>();
    private final Map<Integer, List<IndexDef>> indexesByTable = new HashMap<>();
    private final Map<Integer, TableDef> tablesByStorage = new HashMap<>();
    private final Map<Integer, List<Reference>> referencesFrom = new HashMap<>();
    private final Map<Integer, List<Reference>> referencesTo = new HashMap<>();
    private final Map<Integer, Constraint.Unique> deferrableIndexes = new HashMap<>();
    private final Map<Name, TypeDef> typesByName = new HashMap<>();
    private final Map<Integer, List<CommentDef>> comments = new HashMap<>();
    private final UserTypes types;
    private final Map<Integer, MaterializedView> materialized = new HashMap<>();
    private final Map<String, TagDef> tags = new HashMap<>();

    private Catalog(long version, TreeMap<Integer, Entry> byId) {
        this.version = version;
        this.byId = byId;
        this.types = new UserTypes(byId.values().stream().map(Entry::object).toList());
        // A column's type is stored by its oid: what that stands for is this image's to say.
        byId.replaceAll((id, entry) ->
                types.isCurrent(entry.object())
                        ? entry
                        : new Entry(types.current(entry.object()), entry.version()));
        for (Entry entry : byId.values()) {
            CatalogObject object = entry.object();
            if (object instanceof Relation relation) {
                relations.put(new Name(relation.schemaId(), relation.name()), relation);
            }
            switch (object) {
                case SchemaDef schema -> schemas.put(schema.name(), schema);
                case RoleDef role -> roles.put(role.name(), role);
                case IndexDef index ->
                        indexesByTable
                                .computeIfAbsent(index.tableId(), id -> new ArrayList<>())
                                .add(index);
                case TableDef table -> {
                    tablesByStorage.put(table.storageId(), table);
                    addConstraints(table);
                }
                case TypeDef type -> typesByName.put(new Name(type.schemaId(), type.name()), type);
                case CommentDef comment ->
                        comments.computeIfAbsent(comment.objectId(), id -> new ArrayList<>())
                                .add(comment);
                case MaterializedView view -> materialized.put(view.tableId(), view);
                case TagDef tag -> tags.put(tag.name(), tag);
                case SequenceDef _, ViewDef _ -> {}
            }
        }
    }

    private void addConstraints(TableDef table) {
        for (Constraint constraint : table.constraints()) {
            switch (constraint) {
                case Constraint.ForeignKey key -> {
                    Reference reference = new Reference(table, key);
                    referencesFrom
                            .computeIfAbsent(table.id(), id -> new ArrayList<>())
                            .add(reference);
                    referencesTo
                            .computeIfAbsent(key.parentTableId(), id -> new ArrayList<>())
                            .add(reference);
                }
                case Constraint.Unique unique -> {
                    if (unique.deferrable()) {
                        deferrableIndexes.put(unique.indexId(), unique);
                    }
                }
                case Constraint.PrimaryKey _, Constraint.Check _ -> {}
            }
        }
    }

    /** The image after this definition was written (or replaced) at an offset. */
    public Catalog with(long offset, CatalogObject object) {
        TreeMap<Integer, Entry> next = new TreeMap<>(byId);
        next.put(object.id(), new Entry(object, offset));
        return new Catalog(Math.max(version, offset), next);
    }

    /** The image after all these definitions were written and those ids dropped at an offset. */
    public Catalog with(
            long offset, Collection<? extends CatalogObject> written, Collection<Integer> dropped) {
        TreeMap<Integer, Entry> next = new TreeMap<>(byId);
        dropped.forEach(next::remove);
        for (CatalogObject object : written) {
            next.put(object.id(), new Entry(object, offset));
        }
        return new Catalog(Math.max(version, offset), next);
    }

    public long version() {
        return version;
    }

    /** The offset of the entry that wrote this definition; -1 for a built-in or unknown object. */
    public long versionOf(int id) {
        Entry entry = byId.get(id);
        return entry == null ? -1 : entry.version();
    }

    public @Nullable CatalogObject find(int id) {
        Entry entry = byId.get(id);
        return entry == null ? null : entry.object();
    }

    /** All objects in the order of their ids. */
    public List<CatalogObject> objects() {
        return byId.values().stream().map(Entry::object).toList();
    }

    /** All objects of one kind in the order of their ids. */
    public <T extends CatalogObject> List<T> objects(Class<T> kind) {
        return byId.values().stream()
                .map(Entry::object)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    public @Nullable SchemaDef findSchema(String name) {
        return schemas.get(name);
    }

    /** The name of a relation's schema; empty if that is not there. */
    public String schemaName(Relation relation) {
        return find(relation.schemaId()) instanceof SchemaDef schema ? schema.name() : "";
    }

    public @Nullable RoleDef findRole(String name) {
        return roles.get(name);
    }

    public @Nullable TagDef findTag(String name) {
        return tags.get(name);
    }

    public @Nullable Relation findRelation(int schemaId, String name) {
        return relations.get(new Name(schemaId, name));
    }

    /** The type made under this name; a table's row type is found by the table's name. */
    public @Nullable TypeDef findTypeDef(int schemaId, String name) {
        return typesByName.get(new Name(schemaId, name));
    }

    /** The type that a name stands for in a schema: one made under it, or rows of a relation. */
    public @Nullable SqlType findType(int schemaId, String name) {
        TypeDef type = findTypeDef(schemaId, name);
        if (type != null) {
            return types.find(type.id());
        }
        return switch (findRelation(schemaId, name)) {
            case TableDef table -> types.find(table.id());
            case ViewDef view -> types.find(view.id());
            case null, default -> null;
        };
    }

    /** The type with an oid, built in or not; null if there is none in this image. */
    public @Nullable SqlType findType(int oid) {
        return types.find(oid);
    }

    /** The comments on an object and its columns. */
    public List<CommentDef> commentsOn(int objectId) {
        return comments.getOrDefault(objectId, List.of());
    }

    public @Nullable TableDef findTable(int id) {
        return find(id) instanceof TableDef table ? table : null;
    }

    public @Nullable TableDef findTableByStorage(int storageId) {
        return tablesByStorage.get(storageId);
    }

    /** The query of a table that is a materialized view; null for any other table. */
    public @Nullable MaterializedView materializedView(int tableId) {
        return materialized.get(tableId);
    }

    /** All indexes of a table, the primary one included, in the order of their ids. */
    public List<IndexDef> indexesOf(int tableId) {
        return indexesByTable.getOrDefault(tableId, List.of());
    }

    /** The foreign keys of a table. */
    public List<Reference> referencesFrom(int tableId) {
        return referencesFrom.getOrDefault(tableId, List.of());
    }

    /** The foreign keys that refer to a table, its own included. */
    public List<Reference> referencesTo(int tableId) {
        return referencesTo.getOrDefault(tableId, List.of());
    }

    /** The deferrable constraint that an index is there for; null for any other index. */
    public Constraint.@Nullable Unique deferrableConstraint(int indexId) {
        return deferrableIndexes.get(indexId);
    }

    /**
     * The index that makes the columns that a foreign key refers to unique: the primary one before
     * others, then the oldest; null if there is none.
     */
    public @Nullable IndexDef parentIndex(Constraint.ForeignKey key) {
        Set<Integer> wanted = Set.copyOf(key.parentColumns());
        IndexDef found = null;
        for (IndexDef index : indexesOf(key.parentTableId())) {
            if (index.unique()
                    && !index.computed()
                    && deferrableConstraint(index.id()) == null
                    && index.columns().size() == wanted.size()
                    && index.columns().stream()
                            .map(IndexDef.IndexColumn::number)
                            .allMatch(wanted::contains)
                    && (found == null || index.primary())) {
                found = index;
            }
        }
        return found;
    }

    /** An id above every object, constraint and storage of this image, and at least 16384. */
    public int nextId() {
        int max = SystemStorage.FIRST_USER_ID - 1;
        for (Entry entry : byId.values()) {
            max = Math.max(max, entry.object().id());
            if (entry.object() instanceof TableDef table) {
                max = Math.max(max, table.storageId());
                for (Constraint constraint : table.constraints()) {
                    max = Math.max(max, constraint.id());
                }
            }
            if (entry.object() instanceof TypeDef type) {
                switch (type.kind()) {
                    case TypeDef.Enumeration(List<TypeDef.EnumLabel> labels) -> {
                        for (TypeDef.EnumLabel label : labels) {
                            max = Math.max(max, label.id());
                        }
                    }
                    case TypeDef.Domain domain -> {
                        for (TypeDef.DomainCheck check : domain.checks()) {
                            max = Math.max(max, check.id());
                        }
                    }
                    case TypeDef.Composite _ -> {}
                }
            }
        }
        return max + 1;
    }
}
