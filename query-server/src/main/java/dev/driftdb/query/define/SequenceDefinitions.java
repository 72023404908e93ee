package dev.driftdb.query.define;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Statement.AlterSequence;
import dev.driftdb.query.ast.Statement.CreateSequence;
import dev.driftdb.query.ast.Statement.SequenceOptions;
import dev.driftdb.query.bind.TypeNames;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.SequenceState;
import dev.driftdb.schemas.catalog.TableDef;
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
        SchemaDef schema = names.creationSchema(statement.name(), statement.temporary());
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
        scope.write(
                make(
                        scope.newId(),
                        schema.id(),
                        name,
                        type,
                        options,
                        null,
                        table.id(),
                        columnNumber));
        return "nextval('" + regclass(schema, name) + "'::regclass)";
    }

    /** An owned sequence goes to its table's new schema; answers the table with its new DEFAULT. */
    TableDef move(TableDef table, SequenceDef sequence, SchemaDef schema) {
        scope.write(
                new SequenceDef(
                        sequence.id(),
                        schema.id(),
                        sequence.name(),
                        sequence.ownerId(),
                        sequence.type(),
                        sequence.start(),
                        sequence.increment(),
                        sequence.min(),
                        sequence.max(),
                        sequence.cache(),
                        sequence.cycle(),
                        sequence.ownerTableId(),
                        sequence.ownerColumn()));
        ColumnDef column = table.column(sequence.ownerColumn());
        String text = column.defaultSql();
        return text == null || !text.startsWith("nextval(")
                ? table
                : TableDefinitions.withColumn(
                        table,
                        column.withDefault(
                                "nextval('" + regclass(schema, sequence.name()) + "'::regclass)"));
    }

    private static String regclass(SchemaDef schema, String name) {
        String text = quoted(schema.name()) + "." + quoted(name);
        return text.replace("'", "''");
    }

    private static String quoted(String name) {
        return name.matches("[a-z_][a-z0-9_$]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    public void alter(AlterSequence statement) {
        SequenceDef old = find(statement.name(), statement.ifExists());
        if (old == null) {
            return;
        }
        alter(old, statement.options());
    }

    void alter(SequenceDef old, SequenceOptions options) {
        SequenceDef changed =
                make(
                        old.id(),
                        old.schemaId(),
                        old.name(),
                        old.type(),
                        options,
                        old,
                        old.ownerTableId(),
                        old.ownerColumn());
        scope.write(changed);
        if (options.restart()) {
            long start = Objects.requireNonNullElse(options.restartWith(), changed.start());
            scope.setSequence(changed, new SequenceState(start, false));
        }
    }

    private @Nullable SequenceDef find(QualifiedName name, boolean ifExists) {
        return switch (names.find(name)) {
            case SequenceDef sequence -> sequence;
            case null -> {
                if (!ifExists) {
                    throw Names.unknown(name);
                }
                scope.notice("relation \"" + name + "\" does not exist, skipping");
                yield null;
            }
            default ->
                    throw new SqlException(
                            SqlState.WRONG_OBJECT_TYPE,
                            "\"" + name.last() + "\" is not a sequence",
                            name.position());
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
                        : old != null && !options.noMin()
                                ? old.min()
                                : increment > 0 ? 1 : lowest(type);
        long max =
                options.max() != null
                        ? options.max()
                        : old != null && !options.noMax()
                                ? old.max()
                                : increment > 0 ? highest(type) : -1;
        if (min < lowest(type) || max > highest(type)) {
            throw invalid(
                    "MINVALUE or MAXVALUE is out of range for sequence data type "
                            + type.sqlName());
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
        if (cache < 1 || cache > Integer.MAX_VALUE) {
            throw invalid("CACHE (" + cache + ") must be greater than zero");
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
                TableDef table =
                        names.table(
                                new QualifiedName(
                                        parts.subList(0, parts.size() - 1),
                                        options.ownedBy().position()));
                tableId = table.id();
                column = TableDefinitions.column(table, parts.getLast()).number();
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
