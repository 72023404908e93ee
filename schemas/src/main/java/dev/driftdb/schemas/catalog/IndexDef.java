package dev.driftdb.schemas.catalog;

import dev.driftdb.schemas.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An index over columns of a table, or over expressions of them.
 *
 * <p>A primary index ({@code primary}) has no entries of its own: the table's rows are stored under
 * its key. Any other has, per row that {@code predicate} admits, one entry in the column family
 * {@code index}. The entries of a plain index follow from the row's bytes; those of a {@link
 * #computed()} one travel in the log beside the row, because only its writer evaluates expressions.
 *
 * @param nullsDistinct whether a unique index admits several NULLs (PostgreSQL's default)
 * @param include the numbers of the INCLUDE columns: said in the definition, not part of the key
 * @param predicate the text of the WHERE of a partial index, null for none
 */
public record IndexDef(
        int id,
        int schemaId,
        String name,
        int tableId,
        List<IndexColumn> columns,
        boolean unique,
        boolean nullsDistinct,
        boolean primary,
        List<Integer> include,
        @Nullable String predicate)
        implements CatalogObject, Relation {
    public IndexDef {
        columns = List.copyOf(columns);
        include = List.copyOf(include);
    }

    /** An index over plain columns of all rows. */
    public IndexDef(
            int id,
            int schemaId,
            String name,
            int tableId,
            List<IndexColumn> columns,
            boolean unique,
            boolean nullsDistinct,
            boolean primary) {
        this(id, schemaId, name, tableId, columns, unique, nullsDistinct, primary, List.of(), null);
    }

    /** Whether its entries cannot be told from the row's bytes alone. */
    public boolean computed() {
        return predicate != null || columns.stream().anyMatch(c -> c.expression() != null);
    }

    public IndexDef named(int newSchemaId, String newName) {
        return new IndexDef(
                id,
                newSchemaId,
                newName,
                tableId,
                columns,
                unique,
                nullsDistinct,
                primary,
                include,
                predicate);
    }

    public IndexDef withColumns(List<IndexColumn> all) {
        return new IndexDef(
                id,
                schemaId,
                name,
                tableId,
                all,
                unique,
                nullsDistinct,
                primary,
                include,
                predicate);
    }

    /** The same index with other texts of what it computes. */
    public IndexDef withTexts(
            UnaryOperator<String> ofExpression, UnaryOperator<String> ofPredicate) {
        List<IndexColumn> changed = new ArrayList<>();
        for (IndexColumn column : columns) {
            IndexExpression e = column.expression();
            changed.add(
                    e == null
                            ? column
                            : new IndexColumn(
                                    0,
                                    column.descending(),
                                    column.nullsFirst(),
                                    new IndexExpression(
                                            ofExpression.apply(e.sql()),
                                            e.type(),
                                            e.typmod(),
                                            e.name())));
        }
        return new IndexDef(
                id,
                schemaId,
                name,
                tableId,
                changed,
                unique,
                nullsDistinct,
                primary,
                include,
                predicate == null ? null : ofPredicate.apply(predicate));
    }

    /**
     * One indexed column or expression; PostgreSQL's default is ascending with NULLs last.
     *
     * @param number the column's number, 0 for an expression
     */
    public record IndexColumn(
            int number,
            boolean descending,
            boolean nullsFirst,
            @Nullable IndexExpression expression) {
        public IndexColumn(int number, boolean descending, boolean nullsFirst) {
            this(number, descending, nullsFirst, null);
        }

        public static IndexColumn ascending(int number) {
            return new IndexColumn(number, false, false);
        }

        /** The type of its values. */
        public SqlType type(TableDef table) {
            return expression == null ? table.column(number).type() : expression.type();
        }

        /** Its name among the index's own columns (pg_attribute). */
        public String name(TableDef table) {
            return expression == null ? table.column(number).name() : expression.name();
        }
    }

    /**
     * An indexed expression over the table's columns.
     *
     * @param sql its text, without parentheses around it
     * @param name of the index's own column
     */
    public record IndexExpression(String sql, SqlType type, int typmod, String name) {
        /** As a definition shows it: in parentheses unless it is a call. */
        public String shown() {
            return isCall(sql) ? sql : "(" + sql + ")";
        }
    }

    /** Whether the text is a name and one pair of parentheses around all that follows. */
    static boolean isCall(String sql) {
        int open = sql.indexOf('(');
        if (open <= 0 || !sql.endsWith(")") || !sql.substring(0, open).matches("[\\w.\"]+")) {
            return false;
        }
        int depth = 0;
        boolean quoted = false;
        for (int i = open; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (c == '\'') {
                quoted = !quoted;
            } else if (!quoted && c == '(') {
                depth++;
            } else if (!quoted && c == ')') {
                depth--;
                if (depth == 0 && i < sql.length() - 1) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The same index under another name. */
    public IndexDef withName(String newName) {
        return named(schemaId, newName);
    }

    /** The same index in another schema. */
    public IndexDef withSchema(int newSchemaId) {
        return named(newSchemaId, name);
    }
}
