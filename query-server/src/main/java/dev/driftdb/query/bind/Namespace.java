package dev.driftdb.query.bind;

import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The names over one row: the relations of a FROM clause and where their columns stand in the row.
 *
 * @param relations in the order of FROM
 * @param visible what a bare name finds and {@code *} expands to, in that order; columns merged by
 *     USING come first
 * @param width how many columns the row has
 */
record Namespace(List<Relation> relations, List<Column> visible, int width) {
    static final Namespace EMPTY = new Namespace(List.of(), List.of(), 0);

    /**
     * One column of a row.
     *
     * @param fields of a row-valued column, null where they are not known
     */
    record Column(
            String name,
            int index,
            SqlType type,
            int typmod,
            int tableId,
            int columnNumber,
            @Nullable List<Field> fields) {
        Column shifted(int by) {
            return new Column(name, index + by, type, typmod, tableId, columnNumber, fields);
        }
    }

    /** A named field of a row value. */
    record Field(String name, SqlType type) {}

    /**
     * @param name the alias, or the relation's own name
     * @param schema of a relation that has no alias, null otherwise
     * @param realName the relation's own name, null for a subquery
     * @param hidden found by name only: pseudo-columns
     * @param table a base table, for tableoid and functional dependence
     * @param scalar a function that returns values, not rows: its name is the value
     */
    record Relation(
            String name,
            @Nullable String schema,
            @Nullable String realName,
            List<Column> columns,
            List<Column> hidden,
            @Nullable TableDef table,
            boolean scalar) {
        Relation(
                String name,
                @Nullable String schema,
                @Nullable String realName,
                List<Column> columns,
                List<Column> hidden,
                @Nullable TableDef table) {
            this(name, schema, realName, columns, hidden, table, false);
        }

        Relation shifted(int by) {
            return new Relation(
                    name,
                    schema,
                    realName,
                    columns.stream().map(c -> c.shifted(by)).toList(),
                    hidden.stream().map(c -> c.shifted(by)).toList(),
                    table,
                    scalar);
        }
    }

    static Namespace of(Relation relation, int width) {
        return new Namespace(List.of(relation), relation.columns(), width);
    }

    Namespace shifted(int by) {
        return new Namespace(
                relations.stream().map(r -> r.shifted(by)).toList(),
                visible.stream().map(c -> c.shifted(by)).toList(),
                width);
    }

    /** The names over (this row, then that row). */
    Namespace with(Namespace right, int position) {
        Namespace moved = right.shifted(width);
        List<Relation> all = new ArrayList<>(relations);
        for (Relation added : moved.relations()) {
            for (Relation present : relations) {
                if (present.name().equals(added.name())
                        && !present.name().isEmpty()
                        && (Objects.equals(present.schema(), added.schema())
                                || present.schema() == null
                                || added.schema() == null)) {
                    throw new SqlException(
                            SqlState.DUPLICATE_ALIAS,
                            "table name \"" + added.name() + "\" specified more than once");
                }
            }
            all.add(added);
        }
        List<Column> columns = new ArrayList<>(visible);
        columns.addAll(moved.visible());
        return new Namespace(List.copyOf(all), List.copyOf(columns), width + right.width());
    }

    /** The column at an index of the row, with the relation it belongs to, or null. */
    @Nullable Column columnAt(int index) {
        for (Relation relation : relations) {
            for (Column column : relation.columns()) {
                if (column.index() == index) {
                    return column;
                }
            }
            for (Column column : relation.hidden()) {
                if (column.index() == index) {
                    return column;
                }
            }
        }
        for (Column column : visible) {
            if (column.index() == index) {
                return column;
            }
        }
        return null;
    }

    @Nullable Relation relationOf(int index) {
        for (Relation relation : relations) {
            for (Column column : relation.columns()) {
                if (column.index() == index) {
                    return relation;
                }
            }
        }
        return null;
    }

    /** The column as error messages name it: t.x. */
    String describe(int index) {
        Relation relation = relationOf(index);
        Column column = columnAt(index);
        String name = column == null ? "?" : column.name();
        return relation == null || relation.name().isEmpty() ? name : relation.name() + "." + name;
    }
}
