package dev.driftdb.query.define;

import dev.driftdb.query.ast.ObjectDefinition.AlterSequence;
import dev.driftdb.query.ast.ObjectDefinition.CreateSequence;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.SequenceOptions;
import dev.driftdb.query.bind.TypeNames;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.IndexDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.ViewDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** CREATE and ALTER SEQUENCE, and the sequences of serial and identity columns. */
public final class SequenceDefinitions {
    private final DefinitionScope scope;
    private final Names names;

    public SequenceDefinitions(DefinitionScope scope) {
        this.scope = scope;
        this.names = new Names(scope);
    }

    public void create(CreateSequence statement) {
        SchemaDef schema =
                names.creationSchema(statement.name().withoutPosition(), statement.temporary());
        String name = Names.cut(statement.name().last(), Names.NAME_BYTES_MAX);
        if (statement.ifNotExists() && scope.catalog().findRelation(schema.id(), name) != null) {
            scope.notice("relation \"" + name + "\" already exists, skipping");
            return;
        }
        names.requireFree(schema, name);
        SqlType type =
                statement.type() == null
                        ? Types.INT8
                        : TypeNames.resolve(statement.type(), scope.catalog(), scope.searchPath())
                                .type();
        scope.write(make(scope.newId(), schema.id(), name, type, statement.options(), null, 0, 0));
    }

    /** The sequence of a serial or identity column; answers the column's DEFAULT. */
    String createOwned(
            TableDef table,
            int columnNumber,
            String column,
            SqlType type,
            SequenceOptions options) {
        if (!(scope.catalog().find(table.schemaId()) instanceof SchemaDef schema)) {
            throw new IllegalStateException("table " + table.name() + " has no schema");
        }
        String name = names.choose(schema, table.name(), column, "seq");
        SequenceDef sequence =
                make(
                        scope.newId(),
                        schema.id(),
                        name,
                        type,
                        options,
                        null,
                        table.id(),
                        columnNumber);
        scope.write(sequence);
        return SequenceTexts.nextval(sequence);
    }

    public void alter(AlterSequence statement) {
        SequenceDef old = find(statement.name(), statement.ifExists());
        if (old == null) {
            return;
        }
        SqlType type =
                statement.type() == null
                        ? old.type()
                        : TypeNames.resolve(statement.type(), scope.catalog(), scope.searchPath())
                                .type();
        alter(old, type, statement.options());
    }

    void alter(SequenceDef old, SequenceOptions options) {
        alter(old, old.type(), options);
    }

    private void alter(SequenceDef old, SqlType type, SequenceOptions options) {
        if (options.ownedBy() != null && isIdentity(old)) {
            TableDef table = scope.catalog().findTable(old.ownerTableId());
            throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "cannot change ownership of identity sequence")
                    .withDetail(
                            "Sequence \""
                                    + old.name()
                                    + "\" is linked to table \""
                                    + (table == null ? "" : table.name())
                                    + "\".");
        }
        SequenceDef changed =
                make(
                        old.id(),
                        old.schemaId(),
                        old.name(),
                        type,
                        options,
                        old,
                        old.ownerTableId(),
                        old.ownerColumn());
        SequenceState now = scope.sequenceState(old);
        long restart = Objects.requireNonNullElse(options.restartWith(), changed.start());
        long last = options.restart() ? restart : now.last();
        if (last < changed.min()) {
            throw invalid(
                    "RESTART value ("
                            + last
                            + ") cannot be less than MINVALUE ("
                            + changed.min()
                            + ")");
        }
        if (last > changed.max()) {
            throw invalid(
                    "RESTART value ("
                            + last
                            + ") cannot be greater than MAXVALUE ("
                            + changed.max()
                            + ")");
        }
        scope.write(changed);
        // What was claimed under the old definition is not handed out under the new one.
        if (options.restart()) {
            scope.setSequence(changed, new SequenceState(restart, false));
        } else {
            scope.keepSequence(changed, now);
        }
    }

    private boolean isIdentity(SequenceDef sequence) {
        TableDef table = scope.catalog().findTable(sequence.ownerTableId());
        return table != null
                && table.column(sequence.ownerColumn()).identity()
                        != dev.driftdb.schemas.catalog.ColumnDef.Identity.NONE;
    }

    private @Nullable SequenceDef find(QualifiedName name, boolean ifExists) {
        return switch (names.find(name)) {
            case SequenceDef sequence -> sequence;
            case null -> {
                if (!ifExists) {
                    throw new SqlException(
                            SqlState.UNDEFINED_TABLE, "relation \"" + name + "\" does not exist");
                }
                scope.notice("relation \"" + name + "\" does not exist, skipping");
                yield null;
            }
            default ->
                    throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "\"" + name.last() + "\" is not a sequence");
        };
    }

    private SequenceDef make(
            int id,
            int schemaId,
            String name,
            SqlType type,
            SequenceOptions options,
            @Nullable SequenceDef old,
            int ownerTableId,
            int ownerColumn) {
        if (!List.of(Types.INT2, Types.INT4, Types.INT8).contains(type)) {
            throw new SqlException(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "sequence type must be smallint, integer, or bigint");
        }
        long increment =
                Objects.requireNonNullElse(options.increment(), old == null ? 1L : old.increment());
        if (increment == 0) {
            throw invalid("INCREMENT must not be zero");
        }
        long min =
                options.min() != null
                        ? options.min()
                        : old != null && !options.noMin() && !isDefaultMin(old, type)
                                ? old.min()
                                : increment > 0 ? 1 : lowest(type);
        long max =
                options.max() != null
                        ? options.max()
                        : old != null && !options.noMax() && !isDefaultMax(old, type)
                                ? old.max()
                                : increment > 0 ? highest(type) : -1;
        if (max < lowest(type) || max > highest(type)) {
            throw outOfRange("MAXVALUE", max, type);
        }
        if (min < lowest(type) || min > highest(type)) {
            throw outOfRange("MINVALUE", min, type);
        }
        if (min >= max) {
            throw invalid("MINVALUE (" + min + ") must be less than MAXVALUE (" + max + ")");
        }
        long start =
                Objects.requireNonNullElse(
                        options.start(), old != null ? old.start() : increment > 0 ? min : max);
        if (start < min) {
            throw invalid("START value (" + start + ") cannot be less than MINVALUE (" + min + ")");
        }
        if (start > max) {
            throw invalid(
                    "START value (" + start + ") cannot be greater than MAXVALUE (" + max + ")");
        }
        long cache =
                Objects.requireNonNullElse(options.cache(), old == null ? 1L : (long) old.cache());
        if (cache < 1) {
            throw invalid("CACHE (" + cache + ") must be greater than zero");
        }
        if (cache > Integer.MAX_VALUE) {
            throw SqlException.notSupported("CACHE above " + Integer.MAX_VALUE);
        }
        boolean cycle = Objects.requireNonNullElse(options.cycle(), old != null && old.cycle());
        int tableId = ownerTableId;
        int column = ownerColumn;
        if (options.ownedBy() != null) {
            List<String> parts = options.ownedBy().parts();
            if (parts.size() == 1 && parts.getFirst().equals("none")) {
                tableId = 0;
                column = 0;
            } else {
                TableDef table = owner(options.ownedBy(), schemaId);
                tableId = table.id();
                ColumnDef owning = table.findColumn(parts.getLast());
                if (owning == null) {
                    throw new SqlException(
                            SqlState.UNDEFINED_COLUMN,
                            "column \""
                                    + parts.getLast()
                                    + "\" of relation \""
                                    + table.name()
                                    + "\" does not exist");
                }
                column = owning.number();
            }
        }
        return new SequenceDef(
                id,
                schemaId,
                name,
                scope.ownerId(),
                type,
                start,
                increment,
                min,
                max,
                (int) cache,
                cycle,
                tableId,
                column);
    }

    private TableDef owner(QualifiedName ownedBy, int schemaId) {
        List<String> parts = ownedBy.parts();
        if (parts.size() == 1) {
            throw new SqlException(SqlState.SYNTAX_ERROR, "invalid OWNED BY option")
                    .withHint("Specify OWNED BY table.column or OWNED BY NONE.");
        }
        QualifiedName name =
                new QualifiedName(parts.subList(0, parts.size() - 1), ownedBy.position());
        TableDef table =
                switch (names.find(name)) {
                    case TableDef found -> found;
                    case null ->
                            throw new SqlException(
                                    SqlState.UNDEFINED_TABLE,
                                    "relation \"" + name + "\" does not exist");
                    case ViewDef view -> throw cannotOwn(view.name(), "views");
                    case SequenceDef sequence -> throw cannotOwn(sequence.name(), "sequences");
                    case IndexDef index -> throw cannotOwn(index.name(), "indexes");
                };
        if (table.schemaId() != schemaId) {
            throw new SqlException(
                    SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "sequence must be in same schema as table it is linked to");
        }
        return table;
    }

    private static SqlException cannotOwn(String name, String kinds) {
        return new SqlException(
                        SqlState.WRONG_OBJECT_TYPE,
                        "sequence cannot be owned by relation \"" + name + "\"")
                .withDetail("This operation is not supported for " + kinds + ".");
    }

    /** The bound followed from another type and direction: it follows from the new ones. */
    private static boolean isDefaultMax(SequenceDef old, SqlType type) {
        return !type.equals(old.type()) && old.increment() > 0 && old.max() == highest(old.type());
    }

    private static boolean isDefaultMin(SequenceDef old, SqlType type) {
        return !type.equals(old.type()) && old.increment() < 0 && old.min() == lowest(old.type());
    }

    private static SqlException outOfRange(String option, long value, SqlType type) {
        return invalid(
                option
                        + " ("
                        + value
                        + ") is out of range for sequence data type "
                        + type.sqlName());
    }

    private static long lowest(SqlType type) {
        return type.equals(Types.INT2)
                ? Short.MIN_VALUE
                : type.equals(Types.INT4) ? Integer.MIN_VALUE : Long.MIN_VALUE;
    }

    private static long highest(SqlType type) {
        return type.equals(Types.INT2)
                ? Short.MAX_VALUE
                : type.equals(Types.INT4) ? Integer.MAX_VALUE : Long.MAX_VALUE;
    }

    private static SqlException invalid(String message) {
        return new SqlException(SqlState.INVALID_PARAMETER_VALUE, message);
    }
}
