package dev.driftdb.query.define;

import dev.driftdb.query.expr.Expr;
import dev.driftdb.query.function.RegNames;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.Constraint;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The texts of a table's CHECK conditions and generated columns, which name its columns: changed
 * where a name changes. A new text is taken only if it means what the old one meant.
 */
final class ColumnTexts {
    private final DefinitionScope scope;

    ColumnTexts(DefinitionScope scope) {
        this.scope = scope;
    }

    /** The columns by number that an expression over a table's columns reads. */
    List<Integer> columnsIn(TableDef table, String text, SqlType type) {
        Expr bound = bind(table, text, type, -1);
        List<ColumnDef> visible = table.visibleColumns();
        return dev.driftdb.query.expr.ExprTraits.columns(bound).stream()
                .mapToObj(i -> visible.get(i).number())
                .toList();
    }

    /** The generated columns that are computed from a column. */
    List<ColumnDef> generatedFrom(TableDef table, ColumnDef column) {
        List<ColumnDef> found = new ArrayList<>();
        for (ColumnDef other : table.visibleColumns()) {
            String text = other.defaultSql();
            if (other.isGenerated()
                    && text != null
                    && columnsIn(table, text, other.type()).contains(column.number())) {
                found.add(other);
            }
        }
        return found;
    }

    private Expr bind(TableDef table, String text, SqlType type, int typmod) {
        return scope.bind(
                scope.parse(text),
                TableDefinitions.columnsOf(table),
                type,
                typmod,
                TableConstraints.CHECK);
    }

    /** The renamed table with texts that say the new name of a column. */
    TableDef afterColumnRename(TableDef before, TableDef after, String oldName, String newName) {
        return changed(before, after, oldName, newName, false);
    }

    TableDef afterTableRename(TableDef renamed, String oldName) {
        return changed(
                renamed.named(renamed.schemaId(), oldName), renamed, oldName, renamed.name(), true);
    }

    private TableDef changed(
            TableDef before, TableDef after, String oldName, String newName, boolean qualifier) {
        TableDef result = after;
        for (Constraint constraint : after.constraints()) {
            if (constraint instanceof Constraint.Check check) {
                String text =
                        text(before, after, check.sql(), Types.BOOL, oldName, newName, qualifier);
                result = result.withConstraint(check.withSql(text));
            }
        }
        for (ColumnDef column : after.visibleColumns()) {
            String sql = column.defaultSql();
            if (column.isGenerated() && sql != null) {
                String text = text(before, after, sql, column.type(), oldName, newName, qualifier);
                result = result.withColumn(column.withDefault(text));
            }
        }
        return result;
    }

    private String text(
            TableDef before,
            TableDef after,
            String text,
            SqlType type,
            String oldName,
            String newName,
            boolean qualifier) {
        String changed = replace(text, oldName, newName, qualifier);
        try {
            // The scope knows the table under its new definition only; positions are the same.
            if (bind(before, text, type, -1).equals(bind(after, changed, type, -1))) {
                return changed;
            }
        } catch (SqlException e) {
            throw SqlException.notSupported(
                    "renaming what the expression \"" + text + "\" uses in this way");
        }
        throw SqlException.notSupported(
                "renaming what the expression \"" + text + "\" uses in this way");
    }

    /** Every mention of a name as a column (or as a column's qualifier) replaced. */
    private static String replace(String text, String oldName, String newName, boolean qualifier) {
        StringBuilder out = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            int end = tokenEnd(text, i);
            String token = text.substring(i, end);
            boolean name =
                    Character.isLetter(token.charAt(0))
                            || token.charAt(0) == '_'
                            || token.charAt(0) == '"';
            if (name && nameOf(token).equals(oldName) && stands(text, i, end, qualifier)) {
                out.append(quoted(newName));
            } else {
                out.append(token);
            }
            i = end;
        }
        return out.toString();
    }

    private static boolean stands(String text, int start, int end, boolean qualifier) {
        String before = text.substring(0, start).stripTrailing();
        String after = text.substring(end).stripLeading();
        return !before.endsWith("::")
                && !after.startsWith("(")
                && after.startsWith(".") == qualifier;
    }

    private static String nameOf(String token) {
        return token.charAt(0) == '"'
                ? token.substring(1, token.length() - 1).replace("\"\"", "\"")
                : token.toLowerCase(Locale.ROOT);
    }

    static String quoted(String name) {
        return RegNames.quoteIdentifier(name);
    }

    private static int tokenEnd(String text, int start) {
        char first = text.charAt(start);
        if (first == '\'' || first == '"') {
            return quotedEnd(text, start, first, false);
        }
        if ((first == 'e' || first == 'E')
                && start + 1 < text.length()
                && text.charAt(start + 1) == '\'') {
            return quotedEnd(text, start + 1, '\'', true);
        }
        int end = start + 1;
        if (Character.isLetterOrDigit(first) || first == '_') {
            while (end < text.length()
                    && (Character.isLetterOrDigit(text.charAt(end))
                            || text.charAt(end) == '_'
                            || text.charAt(end) == '$')) {
                end++;
            }
        }
        return end;
    }

    private static int quotedEnd(String text, int start, char quote, boolean escapes) {
        int end = start + 1;
        while (end < text.length()) {
            char c = text.charAt(end++);
            if (escapes && c == '\\') {
                end++;
            } else if (c == quote) {
                if (end < text.length() && text.charAt(end) == quote) {
                    end++;
                } else {
                    break;
                }
            }
        }
        return Math.min(end, text.length());
    }
}
