package dev.driftdb.schemas.catalog;

import dev.driftdb.schemas.avro.AvroInput;
import dev.driftdb.schemas.avro.AvroOutput;
import dev.driftdb.schemas.catalog.ColumnDef.Identity;
import dev.driftdb.schemas.catalog.Constraint.Action;
import dev.driftdb.schemas.log.LogCodec.CorruptRecordException;
import dev.driftdb.schemas.log.LogCodec.UnknownFormatException;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Catalog objects as bytes: int8 format version | Avro binary (avro/catalog-v1.avsc,
 * avro/catalog-v2.avsc; types and comments have version 3, avro/catalog-v3.avsc; version 4,
 * avro/catalog-v4.avsc, is for views and indexes, version 5, avro/catalog-v5.avsc, for tags). Types
 * are stored by oid; those that are not built in come out unresolved, for {@link Catalog} to
 * resolve. Equal objects have equal bytes: what version 1 can say is written as version 1, so that
 * an older program still reads it. Safe for any thread.
 */
public final class CatalogCodec {
    /** The newest version that this program reads and writes. */
    public static final byte FORMAT_VERSION = 5;

    private static final byte FIRST_VERSION = 1;

    /** Tables with what version 1 has no fields for. */
    private static final byte VERSION_2 = 2;

    /** Types and comments. */
    private static final byte TYPES_VERSION = 3;

    /** Indexes and views with what version 1 has no fields for, and materialized views. */
    private static final byte VERSION_4 = 4;

    private static final byte TAGS_VERSION = 5;

    private static final int CAPACITY_BYTES = 512;

    private CatalogCodec() {}

    public static byte[] encode(CatalogObject object) {
        byte version = versionOf(object);
        AvroOutput out = new AvroOutput(version, CAPACITY_BYTES);
        try {
            switch (object) {
                case SchemaDef schema -> {
                    out.branch(0);
                    out.int32(schema.id());
                    out.string(schema.name());
                    out.int32(schema.ownerId());
                }
                case TableDef table -> {
                    out.branch(1);
                    write(out, table, version);
                }
                case IndexDef index -> {
                    out.branch(IndexCodec.isFirstVersion(index) ? 2 : 0);
                    IndexCodec.write(out, index);
                }
                case SequenceDef sequence -> {
                    out.branch(3);
                    write(out, sequence);
                }
                case ViewDef view -> {
                    out.branch(ViewCodec.isFirstVersion(view) ? 4 : 1);
                    ViewCodec.write(out, view);
                }
                case MaterializedView view -> {
                    out.branch(2);
                    ViewCodec.write(out, view);
                }
                case RoleDef role -> {
                    out.branch(5);
                    out.int32(role.id());
                    out.string(role.name());
                    out.bool(role.superuser());
                    out.bool(role.login());
                    out.bool(role.createDb());
                    out.bool(role.createRole());
                }
                case TypeDef type -> {
                    out.branch(0);
                    TypeCodec.write(out, type);
                }
                case CommentDef comment -> {
                    out.branch(1);
                    out.int32(comment.id());
                    out.int32(comment.classOid());
                    out.int32(comment.objectId());
                    out.int32(comment.column());
                    out.string(comment.text());
                }
                case TagDef tag -> {
                    out.branch(0);
                    out.int32(tag.id());
                    out.string(tag.name());
                    out.int32(tag.ownerId());
                    out.int64(tag.offset());
                }
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The oldest version that can say all of an object. */
    private static byte versionOf(CatalogObject object) {
        return switch (object) {
            case TypeDef _, CommentDef _ -> TYPES_VERSION;
            case TableDef table -> isVersion1(table) ? FIRST_VERSION : VERSION_2;
            case IndexDef index -> IndexCodec.isFirstVersion(index) ? FIRST_VERSION : VERSION_4;
            case ViewDef view -> ViewCodec.isFirstVersion(view) ? FIRST_VERSION : VERSION_4;
            case MaterializedView _ -> VERSION_4;
            case TagDef _ -> TAGS_VERSION;
            case SchemaDef _, SequenceDef _, RoleDef _ -> FIRST_VERSION;
        };
    }

    private static boolean isVersion1(TableDef table) {
        return table.columns().stream().noneMatch(ColumnDef::isGenerated)
                && table.constraints().stream().allMatch(CatalogCodec::isVersion1);
    }

    private static boolean isVersion1(Constraint constraint) {
        return switch (constraint) {
            case Constraint.PrimaryKey _ -> true;
            case Constraint.Unique unique -> !unique.deferrable();
            case Constraint.Check check -> check.validated() && !check.noInherit();
            case Constraint.ForeignKey key ->
                    !key.matchFull() && key.deleteColumns().isEmpty() && key.validated();
        };
    }

    /**
     * @throws UnknownFormatException if the version is newer than this program
     * @throws CorruptRecordException if the bytes are no whole object of a version known here
     */
    public static CatalogObject decode(byte[] bytes) {
        if (bytes.length == 0 || bytes[0] < 1) {
            throw new CorruptRecordException("a catalog object without a format version", null);
        }
        if (bytes[0] > FORMAT_VERSION) {
            throw new UnknownFormatException(
                    "catalog object of format " + bytes[0] + ", newest known is " + FORMAT_VERSION);
        }
        try {
            AvroInput in = new AvroInput(bytes, 1);
            CatalogObject object =
                    switch (bytes[0]) {
                        case FIRST_VERSION, VERSION_2 -> read(in, bytes[0]);
                        case TYPES_VERSION -> readType3(in);
                        case VERSION_4 -> read4(in);
                        default -> readTag(in);
                    };
            in.end();
            return object;
        } catch (IOException | RuntimeException e) {
            throw new CorruptRecordException(
                    "catalog object of " + bytes.length + " bytes is damaged: " + e.getMessage(),
                    e);
        }
    }

    private static CatalogObject readType3(AvroInput in) throws IOException {
        return in.branch("catalog object", 2) == 0
                ? TypeCodec.read(in)
                : new CommentDef(in.int32(), in.int32(), in.int32(), in.int32(), in.string());
    }

    private static CatalogObject read(AvroInput in, byte version) throws IOException {
        return switch (in.branch("catalog object", 6)) {
            case 0 -> new SchemaDef(in.int32(), in.string(), in.int32());
            case 1 -> readTable(in, version);
            case 2 -> IndexCodec.read(in, true);
            case 3 -> readSequence(in);
            case 4 -> ViewCodec.read(in, true);
            default ->
                    new RoleDef(
                            in.int32(), in.string(), in.bool(), in.bool(), in.bool(), in.bool());
        };
    }

    private static CatalogObject read4(AvroInput in) throws IOException {
        return switch (in.branch("catalog object", 3)) {
            case 0 -> IndexCodec.read(in, false);
            case 1 -> ViewCodec.read(in, false);
            default -> ViewCodec.readMaterialized(in);
        };
    }

    private static CatalogObject readTag(AvroInput in) throws IOException {
        in.branch("catalog object", 1);
        return new TagDef(in.int32(), in.string(), in.int32(), in.int64());
    }

    // A map has no order of its own; sorted, equal objects have equal bytes.
    static void write(AvroOutput out, Map<String, String> options) throws IOException {
        out.array(
                List.copyOf(new TreeMap<>(options).entrySet()),
                (o, option) -> {
                    o.string(option.getKey());
                    o.string(option.getValue());
                });
    }

    static Map<String, String> readOptions(AvroInput in) throws IOException {
        Map<String, String> options = new TreeMap<>();
        in.array(i -> options.put(i.string(), i.string()) == null);
        return options;
    }

    private static void write(AvroOutput out, TableDef table, byte version) throws IOException {
        out.int32(table.id());
        out.int32(table.schemaId());
        out.string(table.name());
        out.int32(table.ownerId());
        out.int32(table.storageId());
        out.array(table.columns(), CatalogCodec::write);
        out.array(table.keyColumns(), AvroOutput::int32);
        out.array(table.constraints(), (o, constraint) -> write(o, constraint, version));
        write(out, table.options());
    }

    private static TableDef readTable(AvroInput in, byte version) throws IOException {
        int id = in.int32();
        int schemaId = in.int32();
        String name = in.string();
        int ownerId = in.int32();
        int storageId = in.int32();
        List<ColumnDef> columns = in.array(CatalogCodec::readColumn);
        List<Integer> keyColumns = in.array(AvroInput::int32);
        List<Constraint> constraints = in.array(i -> readConstraint(i, version));
        Map<String, String> options = readOptions(in);
        return new TableDef(
                id, schemaId, name, ownerId, storageId, columns, keyColumns, constraints, options);
    }

    static void write(AvroOutput out, ColumnDef column) throws IOException {
        out.int32(column.number());
        out.string(column.name());
        out.int32(column.type().oid());
        out.int32(column.typmod());
        out.bool(column.notNull());
        out.optionalString(column.defaultSql());
        out.optionalBytes(column.missingValue());
        out.branch(
                switch (column.identity()) {
                    case NONE -> 0;
                    case ALWAYS -> 1;
                    case BY_DEFAULT -> 2;
                    case STORED -> 3;
                });
        out.bool(column.dropped());
    }

    static ColumnDef readColumn(AvroInput in) throws IOException {
        return new ColumnDef(
                in.int32(),
                in.string(),
                readType(in),
                in.int32(),
                in.bool(),
                in.optionalString(),
                in.optionalBytes(),
                switch (in.branch("identity", 4)) {
                    case 0 -> Identity.NONE;
                    case 1 -> Identity.ALWAYS;
                    case 2 -> Identity.BY_DEFAULT;
                    default -> Identity.STORED;
                },
                in.bool());
    }

    static SqlType readType(AvroInput in) throws IOException {
        int oid = in.int32();
        SqlType type = Types.findByOid(oid);
        if (type == null && oid < SystemStorage.FIRST_USER_ID) {
            throw new IOException("no type has oid " + oid);
        }
        return type == null ? Types.unresolved(oid) : type;
    }

    private static void write(AvroOutput out, Constraint constraint, byte version)
            throws IOException {
        boolean more = version >= VERSION_2;
        switch (constraint) {
            case Constraint.PrimaryKey key -> {
                out.branch(0);
                out.int32(key.id());
                out.string(key.name());
                out.array(key.columns(), AvroOutput::int32);
                out.int32(key.indexId());
            }
            case Constraint.Unique unique -> {
                out.branch(1);
                out.int32(unique.id());
                out.string(unique.name());
                out.array(unique.columns(), AvroOutput::int32);
                out.int32(unique.indexId());
                if (more) {
                    out.bool(unique.deferrable());
                    out.bool(unique.initiallyDeferred());
                }
            }
            case Constraint.Check check -> {
                out.branch(2);
                out.int32(check.id());
                out.string(check.name());
                out.string(check.sql());
                if (more) {
                    out.bool(check.validated());
                    out.bool(check.noInherit());
                }
            }
            case Constraint.ForeignKey key -> {
                out.branch(3);
                out.int32(key.id());
                out.string(key.name());
                out.array(key.columns(), AvroOutput::int32);
                out.int32(key.parentTableId());
                out.array(key.parentColumns(), AvroOutput::int32);
                write(out, key.onDelete());
                write(out, key.onUpdate());
                out.bool(key.deferrable());
                out.bool(key.initiallyDeferred());
                if (more) {
                    out.bool(key.matchFull());
                    out.array(key.deleteColumns(), AvroOutput::int32);
                    out.bool(key.validated());
                }
            }
        }
    }

    private static Constraint readConstraint(AvroInput in, byte version) throws IOException {
        boolean more = version >= VERSION_2;
        return switch (in.branch("constraint", 4)) {
            case 0 ->
                    new Constraint.PrimaryKey(
                            in.int32(), in.string(), in.array(AvroInput::int32), in.int32());
            case 1 ->
                    new Constraint.Unique(
                            in.int32(),
                            in.string(),
                            in.array(AvroInput::int32),
                            in.int32(),
                            more && in.bool(),
                            more && in.bool());
            case 2 ->
                    new Constraint.Check(
                            in.int32(),
                            in.string(),
                            in.string(),
                            !more || in.bool(),
                            more && in.bool());
            default ->
                    new Constraint.ForeignKey(
                            in.int32(),
                            in.string(),
                            in.array(AvroInput::int32),
                            in.int32(),
                            in.array(AvroInput::int32),
                            readAction(in),
                            readAction(in),
                            in.bool(),
                            in.bool(),
                            more && in.bool(),
                            more ? in.array(AvroInput::int32) : List.of(),
                            !more || in.bool());
        };
    }

    private static void write(AvroOutput out, Action action) throws IOException {
        out.branch(
                switch (action) {
                    case NO_ACTION -> 0;
                    case RESTRICT -> 1;
                    case CASCADE -> 2;
                    case SET_NULL -> 3;
                    case SET_DEFAULT -> 4;
                });
    }

    private static Action readAction(AvroInput in) throws IOException {
        return switch (in.branch("referential action", 5)) {
            case 0 -> Action.NO_ACTION;
            case 1 -> Action.RESTRICT;
            case 2 -> Action.CASCADE;
            case 3 -> Action.SET_NULL;
            default -> Action.SET_DEFAULT;
        };
    }

    private static void write(AvroOutput out, SequenceDef sequence) throws IOException {
        out.int32(sequence.id());
        out.int32(sequence.schemaId());
        out.string(sequence.name());
        out.int32(sequence.ownerId());
        out.int32(sequence.type().oid());
        out.int64(sequence.start());
        out.int64(sequence.increment());
        out.int64(sequence.min());
        out.int64(sequence.max());
        out.int32(sequence.cache());
        out.bool(sequence.cycle());
        out.int32(sequence.ownerTableId());
        out.int32(sequence.ownerColumn());
    }

    private static SequenceDef readSequence(AvroInput in) throws IOException {
        return new SequenceDef(
                in.int32(),
                in.int32(),
                in.string(),
                in.int32(),
                readType(in),
                in.int64(),
                in.int64(),
                in.int64(),
                in.int64(),
                in.int32(),
                in.bool(),
                in.int32(),
                in.int32());
    }
}
