package dev.driftdb.query.bind;

import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.bind.Namespace.Column;
import dev.driftdb.query.bind.Namespace.Field;
import dev.driftdb.query.bind.Namespace.Relation;
import dev.driftdb.query.expr.Expr;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import dev.driftdb.schemas.type.UserType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what a column name means, from the innermost row outwards. */
final class Names {
    private static final Set<String> SYSTEM_COLUMNS =
            Set.of("ctid", "xmin", "xmax", "cmin", "cmax");

    /** Farther names are not suggested (PostgreSQL: MAX_FUZZY_DISTANCE). */
    private static final int DISTANCE_MAX = 3;

    private record Found(Relation relation, int depth, Scope scope) {}

    private final BindState state;
    private final Scope scope;

    Names(BindState state, Scope scope) {
        this.state = state;
        this.scope = scope;
    }

    Expr resolve(SqlExpr.ColumnRef reference) {
        List<String> parts = reference.parts();
        int position = reference.position();
        if (parts.size() == 1) {
            return bare(parts.getFirst(), position);
        }
        if (parts.size() > 4) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "improper qualified name (too many dotted names): " + String.join(".", parts),
                    position);
        }
        if (parts.size() == 4 && !parts.getFirst().equals(state.context.database())) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "cross-database references are not implemented: " + String.join(".", parts),
                    position);
        }
        String column = parts.getLast();
        String table = parts.get(parts.size() - 2);
        String schema = parts.size() > 2 ? parts.get(parts.size() - 3) : null;
        Found found = relation(schema, table, position);
        if (found == null) {
            throw missingTable(schema == null ? table : schema + "." + table, table, position);
        }
        Expr result = column(found, column, position);
        if (result == null) {
            String shown = table + "." + column;
            throw suggest(
                    new SqlException(
                            SqlState.UNDEFINED_COLUMN,
                            "column " + shown + " does not exist",
                            position),
                    column,
                    table);
        }
        return result;
    }

    /** (t).x where t is a relation and not a column; null if it is not. */
    @Nullable Expr columnOfRelation(SqlExpr.ColumnRef name, String field) {
        String table = name.parts().getFirst();
        if (bareColumn(table, name.position()) != null) {
            return null;
        }
        Found found = relation(null, table, name.position());
        return found == null ? null : column(found, field, name.position());
    }

    private Expr bare(String name, int position) {
        Expr column = bareColumn(name, position);
        if (column != null) {
            return column;
        }
        Expr row = wholeRow(name);
        if (row != null) {
            return row;
        }
        throw suggest(
                new SqlException(
                        SqlState.UNDEFINED_COLUMN,
                        "column \"" + name + "\" does not exist",
                        position),
                name,
                null);
    }

    private @Nullable Expr bareColumn(String name, int position) {
        int depth = 0;
        for (Scope s = scope; s != null; s = s.parent(), depth++) {
            Column found = null;
            for (Column column : s.namespace().visible()) {
                if (column.name().equals(name)) {
                    if (found != null) {
                        throw ambiguous(name, position);
                    }
                    found = column;
                }
            }
            if (found == null) {
                Expr hidden = hidden(s, name, depth, position);
                if (hidden != null) {
                    return hidden;
                }
            } else {
                refuseLateral(s, s.namespace().relationOf(found.index()), position);
                return input(found, depth, position);
            }
        }
        return null;
    }

    private @Nullable Expr hidden(Scope s, String name, int depth, int position) {
        Expr found = null;
        for (Relation relation : s.namespace().relations()) {
            Expr here = hidden(relation, name, depth, position);
            if (here != null) {
                if (found != null) {
                    throw ambiguous(name, position);
                }
                found = here;
            }
        }
        return found;
    }

    private @Nullable Expr hidden(Relation relation, String name, int depth, int position) {
        for (Column column : relation.hidden()) {
            if (column.name().equals(name)) {
                if (column.index() < 0) {
                    throw new BindState.PseudoColumnAsked();
                }
                return input(column, depth, position);
            }
        }
        if (relation.table() != null) {
            if (name.equals("tableoid")) {
                return state.at(
                        new Expr.Constant((long) relation.table().id(), Types.OID, -1), position);
            }
            if (SYSTEM_COLUMNS.contains(name)) {
                throw SqlException.notSupported("system column \"" + name + "\"", position);
            }
        }
        return null;
    }

    private @Nullable Expr column(Found found, String name, int position) {
        refuseLateral(found.scope(), found.relation(), position);
        Column match = null;
        for (Column column : found.relation().columns()) {
            if (column.name().equals(name)) {
                if (match != null) {
                    throw ambiguous(name, position);
                }
                match = column;
            }
        }
        return match == null
                ? hidden(found.relation(), name, found.depth(), position)
                : input(match, found.depth(), position);
    }

    private Expr input(Column column, int depth, int position) {
        Expr result =
                depth == 0
                        ? new Expr.Input(column.index(), column.type(), column.typmod())
                        : new Expr.Outer(depth, column.index(), column.type(), column.typmod());
        state.fields(result, column.fields());
        if (state.references != null) {
            state.references.column(column, position);
        }
        return state.at(result, position);
    }

    /** A relation's name as a value: its columns as one row; null if there is no such relation. */
    @Nullable Expr wholeRow(String name) {
        Found found = relation(null, name, 0);
        if (found == null) {
            return null;
        }
        List<Column> columns = found.relation().columns();
        if (found.relation().scalar()
                || (columns.size() == 1
                        && found.relation().realName() == null
                        && columns.getFirst().name().equals(name))) {
            return input(columns.getFirst(), found.depth(), 0);
        }
        Expr row = new Expr.Row(columns.stream().map(c -> input(c, found.depth(), 0)).toList());
        List<Field> fields = columns.stream().map(c -> new Field(c.name(), c.type())).toList();
        TableDef table = found.relation().table();
        SqlType type = table == null ? null : state.context.catalog().findType(table.id());
        if (type != null && type.composite() != null && isWhole(type.composite(), fields)) {
            row = RowFunctions.composite(row, type);
        }
        state.fields(row, fields);
        return row;
    }

    /** Whether these are the attributes of the type: names may have been given by an alias. */
    private static boolean isWhole(UserType.Composite composite, List<Field> fields) {
        List<UserType.Attribute> attributes = composite.visible();
        if (attributes.size() != fields.size()) {
            return false;
        }
        for (int i = 0; i < fields.size(); i++) {
            if (!attributes.get(i).name().equals(fields.get(i).name())
                    || !attributes.get(i).type().equals(fields.get(i).type())) {
                return false;
            }
        }
        return true;
    }

    private @Nullable Found relation(@Nullable String schema, String table, int position) {
        int depth = 0;
        for (Scope s = scope; s != null; s = s.parent(), depth++) {
            Relation found = null;
            for (Relation relation : s.namespace().relations()) {
                if (relation.name().equals(table)
                        && (schema == null || schema.equals(relation.schema()))) {
                    if (found != null) {
                        throw new SqlException(
                                SqlState.DUPLICATE_ALIAS,
                                "table reference \"" + table + "\" is ambiguous",
                                position);
                    }
                    found = relation;
                }
            }
            if (found != null) {
                return new Found(found, depth, s);
            }
        }
        return null;
    }

    private static void refuseLateral(Scope s, @Nullable Relation relation, int position) {
        String detail = s.lateralRefusal();
        if (!detail.isEmpty() && relation != null) {
            throw new SqlException(
                            SqlState.INVALID_COLUMN_REFERENCE,
                            "invalid reference to FROM-clause entry for table \""
                                    + relation.name()
                                    + "\"",
                            position)
                    .withDetail(detail);
        }
    }

    private SqlException missingTable(String shown, String table, int position) {
        String message = "invalid reference to FROM-clause entry for table \"" + table + "\"";
        for (Scope s = scope; s != null; s = s.parent()) {
            for (Relation relation : s.namespace().relations()) {
                if (table.equals(relation.realName()) && !relation.name().equals(table)) {
                    return new SqlException(SqlState.UNDEFINED_TABLE, message, position)
                            .withHint(
                                    "Perhaps you meant to reference the table alias \""
                                            + relation.name()
                                            + "\".");
                }
            }
        }
        for (BindState.Hidden hidden : state.hidden()) {
            if (hidden.relation().name().equals(table)) {
                SqlException error =
                        new SqlException(SqlState.UNDEFINED_TABLE, message, position)
                                .withDetail(
                                        "There is an entry for table \""
                                                + table
                                                + "\", but it cannot be referenced from this part"
                                                + " of the query.");
                return hidden.lateral()
                        ? error.withHint(
                                "To reference that table, you must mark this subquery with"
                                        + " LATERAL.")
                        : error;
            }
        }
        return new SqlException(
                SqlState.UNDEFINED_TABLE,
                "missing FROM-clause entry for table \"" + shown + "\"",
                position);
    }

    /** Says of a column that is there but out of reach where it is; null if there is none. */
    private @Nullable SqlException outOfReach(
            SqlException error, String name, @Nullable String table) {
        BindState.Hidden found = null;
        for (BindState.Hidden hidden : state.hidden()) {
            boolean named = table == null || table.equals(hidden.relation().name());
            if (named
                    && hidden.relation().columns().stream().anyMatch(c -> c.name().equals(name))) {
                if (found != null) {
                    SqlException several =
                            error.withDetail(
                                    "There are columns named \""
                                            + name
                                            + "\", but they are in tables that cannot be"
                                            + " referenced from this part of the query.");
                    return table == null
                            ? several.withHint("Try using a table-qualified name.")
                            : several;
                }
                found = hidden;
            }
        }
        if (found == null) {
            return null;
        }
        SqlException one =
                error.withDetail(
                        "There is a column named \""
                                + name
                                + "\" in table \""
                                + found.relation().name()
                                + "\", but it cannot be referenced from this part of the query.");
        return found.lateral()
                ? one.withHint(
                        "To reference that column, you must mark this subquery with LATERAL.")
                : one;
    }

    private static SqlException ambiguous(String name, int position) {
        return new SqlException(
                SqlState.AMBIGUOUS_COLUMN,
                "column reference \"" + name + "\" is ambiguous",
                position);
    }

    private SqlException suggest(SqlException error, String name, @Nullable String table) {
        SqlException reached = outOfReach(error, name, table);
        if (reached != null) {
            return reached;
        }
        int best = Math.min(DISTANCE_MAX, name.length() / 2) + 1;
        List<String> nearest = new ArrayList<>();
        for (Scope s = scope; s != null; s = s.parent()) {
            for (Relation relation : s.namespace().relations()) {
                int tableDistance =
                        table == null || Objects.equals(table, relation.name())
                                ? 0
                                : distance(table, relation.name());
                for (Column column : relation.columns()) {
                    int d = distance(name, column.name()) + tableDistance;
                    if (d < best) {
                        best = d;
                        nearest.clear();
                    }
                    if (d == best && best <= Math.min(DISTANCE_MAX, name.length() / 2)) {
                        nearest.add("\"" + relation.name() + "." + column.name() + "\"");
                    }
                }
            }
        }
        return switch (nearest.size()) {
            case 1 ->
                    error.withHint(
                            "Perhaps you meant to reference the column "
                                    + nearest.getFirst()
                                    + ".");
            case 2 ->
                    error.withHint(
                            "Perhaps you meant to reference the column "
                                    + nearest.get(0)
                                    + " or the column "
                                    + nearest.get(1)
                                    + ".");
            default -> error;
        };
    }

    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                current[j] =
                        Math.min(Math.min(current[j - 1], previous[j]) + 1, previous[j - 1] + same);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
