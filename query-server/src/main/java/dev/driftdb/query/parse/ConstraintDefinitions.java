package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.SequenceOptions;
import dev.driftdb.query.ast.SqlText;
import dev.driftdb.query.ast.TableDefinition.ColumnSpec;
import dev.driftdb.query.ast.TableDefinition.ConstraintSpec;
import dev.driftdb.query.ast.TableDefinition.Timing;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Columns and constraints of CREATE TABLE and ALTER TABLE, and expressions kept as text. */
final class ConstraintDefinitions {
    private static final Set<String> AFTER_DEFAULT =
            Set.of(
                    "check",
                    "collate",
                    "constraint",
                    "default",
                    "deferrable",
                    "generated",
                    "initially",
                    "not",
                    "null",
                    "primary",
                    "references",
                    "unique");

    private static final Set<String> SERIALS =
            Set.of("smallserial", "serial2", "serial", "serial4", "bigserial", "serial8");

    private final QueryParser queries;

    ConstraintDefinitions(QueryParser queries) {
        this.queries = queries;
    }

    // ---- expressions kept as text ----

    /** The expression from the cursor to before {@code end}. */
    SqlText text(TokenCursor in, int end) {
        int start = in.index();
        SqlText text = new SqlText(in.text(start, end), queries.expression(in, start, end));
        in.moveTo(end);
        return text;
    }

    /** An expression in parentheses, without them. */
    SqlText parenthesised(TokenCursor in) {
        if (!in.isMark("(")) {
            throw in.fail();
        }
        int close = in.closing(in.index());
        in.next();
        SqlText text = text(in, close);
        in.moveTo(close + 1);
        return text;
    }

    /** An expression up to a comma, a closing parenthesis or the end. */
    SqlText toComma(TokenCursor in) {
        return text(in, end(in, Set.of()));
    }

    /** The expression after DEFAULT, up to whatever else a column or domain may say. */
    SqlText defaultValue(TokenCursor in) {
        return text(in, end(in, AFTER_DEFAULT));
    }

    private static int end(TokenCursor in, Set<String> stops) {
        List<Token> tokens = in.tokens();
        int i = in.index();
        while (true) {
            Token token = tokens.get(i);
            if (token.kind() == Token.Kind.END
                    || token.isMark(";")
                    || token.isMark(",")
                    || token.isMark(")")) {
                return i;
            }
            if (i > in.index()
                    && token.kind() == Token.Kind.WORD
                    && stops.contains(token.text())
                    && tokens.get(i - 1).kind() != Token.Kind.OPERATOR) {
                return i;
            }
            i = token.isMark("(") || token.isMark("[") ? in.closing(i) + 1 : i + 1;
        }
    }

    // ---- columns ----

    ColumnSpec column(TokenCursor in) {
        int position = in.peek().position();
        String name = in.name();
        TypeName type = TypeNames.parse(in);
        String collation = null;
        boolean notNull = false;
        boolean nullable = false;
        SqlText defaultValue = null;
        String identity = null;
        SequenceOptions identityOptions = SequenceOptions.NONE;
        SqlText generated = null;
        List<ConstraintSpec> constraints = new ArrayList<>();
        while (!in.atEnd() && !in.isMark(",") && !in.isMark(")")) {
            String constraint = in.accept("constraint") ? in.name() : null;
            if (in.accept("collate")) {
                collation = in.qualifiedName().last();
            } else if (in.accept("not", "null")) {
                notNull = true;
            } else if (in.accept("null")) {
                nullable = true;
            } else if (in.accept("default")) {
                if (defaultValue != null) {
                    throw twice("default values", name, position);
                }
                defaultValue = text(in, end(in, AFTER_DEFAULT));
            } else if (in.accept("generated")) {
                if (identity != null) {
                    throw twice("identity specifications", name, position);
                }
                if (generated != null) {
                    throw twice("generation clauses", name, position);
                }
                if (in.accept("by", "default", "as", "identity")) {
                    identity = "by default";
                } else {
                    in.expect("always", "as");
                    if (in.accept("identity")) {
                        identity = "always";
                    } else {
                        generated = parenthesised(in);
                        in.expect("stored");
                    }
                }
                if (identity != null && in.isMark("(")) {
                    in.next();
                    identityOptions = SequenceDefinitions.options(in);
                    in.expectMark(")");
                }
            } else if (in.isWord("storage") || in.isWord("compression")) {
                throw UtilityParser.notSupported(in, 1);
            } else {
                constraints.add(columnConstraint(in, constraint, name));
            }
        }
        boolean serial =
                type.parts().size() == 1
                        && type.arrayDimensions() == 0
                        && SERIALS.contains(type.parts().getFirst());
        if ((notNull || identity != null || serial) && nullable) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "conflicting NULL/NOT NULL declarations for column \"" + name + "\"",
                    position);
        }
        return new ColumnSpec(
                name,
                type,
                collation,
                notNull || identity != null,
                defaultValue,
                identity,
                identityOptions,
                generated,
                constraints,
                position);
    }

    private static SqlException twice(String what, String column, int position) {
        return new SqlException(
                SqlState.SYNTAX_ERROR,
                "multiple " + what + " specified for column \"" + column + "\"",
                position);
    }

    private ConstraintSpec columnConstraint(
            TokenCursor in, @Nullable String constraint, String column) {
        if (in.accept("primary", "key")) {
            indexParameters(in);
            return new ConstraintSpec.PrimaryKey(
                    constraint,
                    List.of(column),
                    null,
                    attributes(in, "PRIMARY KEY", true).timing());
        }
        if (in.accept("unique")) {
            boolean notDistinct = nullsNotDistinct(in);
            indexParameters(in);
            return new ConstraintSpec.Unique(
                    constraint,
                    List.of(column),
                    notDistinct,
                    null,
                    attributes(in, "UNIQUE", true).timing());
        }
        if (in.accept("check")) {
            SqlText condition = parenthesised(in);
            Attributes attributes = attributes(in, "CHECK", true);
            return new ConstraintSpec.Check(constraint, condition, false, attributes.noInherit());
        }
        if (in.accept("references")) {
            return references(in, constraint, List.of(column), true);
        }
        if (in.isWord("deferrable") || in.isWord("initially")) {
            throw new SqlException(
                    SqlState.SYNTAX_ERROR,
                    "misplaced "
                            + (in.isWord("deferrable")
                                    ? "DEFERRABLE"
                                    : "INITIALLY " + in.peek(1).text().toUpperCase(Locale.ROOT))
                            + " clause",
                    in.peek().position());
        }
        throw in.fail();
    }

    // ---- table constraints ----

    boolean startsConstraint(TokenCursor in) {
        return in.isWord("constraint")
                || in.isWord("primary")
                || in.isWord("unique")
                || in.isWord("check")
                || in.isWord("foreign")
                || (in.isWord("exclude") && (in.peek(1).isWord("using") || in.peek(1).isMark("(")));
    }

    ConstraintSpec constraint(TokenCursor in) {
        String name = in.accept("constraint") ? in.name() : null;
        if (in.isWord("exclude")) {
            throw SqlException.notSupported("EXCLUDE", in.peek().position());
        }
        if (in.accept("primary", "key")) {
            String index = usingIndex(in);
            List<String> columns = index == null ? in.parenthesisedNames() : List.of();
            indexParameters(in);
            return new ConstraintSpec.PrimaryKey(
                    name, columns, index, attributes(in, "PRIMARY KEY", false).timing());
        }
        if (in.accept("unique")) {
            String index = usingIndex(in);
            boolean notDistinct = index == null && nullsNotDistinct(in);
            List<String> columns = index == null ? in.parenthesisedNames() : List.of();
            indexParameters(in);
            return new ConstraintSpec.Unique(
                    name, columns, notDistinct, index, attributes(in, "UNIQUE", false).timing());
        }
        if (in.accept("check")) {
            SqlText condition = parenthesised(in);
            Attributes attributes = attributes(in, "CHECK", false);
            return new ConstraintSpec.Check(
                    name, condition, attributes.notValid(), attributes.noInherit());
        }
        in.expect("foreign", "key");
        List<String> columns = in.parenthesisedNames();
        in.expect("references");
        return references(in, name, columns, false);
    }

    private static boolean nullsNotDistinct(TokenCursor in) {
        if (in.accept("nulls", "not", "distinct")) {
            return true;
        }
        in.accept("nulls", "distinct");
        return false;
    }

    private static @Nullable String usingIndex(TokenCursor in) {
        return in.accept("using", "index") ? in.name() : null;
    }

    private static void indexParameters(TokenCursor in) {
        if (in.isWord("include")) {
            throw SqlException.notSupported("INCLUDE in a constraint", in.peek().position());
        }
        if (in.isWord("with") && in.peek(1).isMark("(")) {
            in.next();
            // Storage parameters of the index (fillfactor) mean nothing to this storage.
            in.moveTo(in.closing(in.index()) + 1);
        }
        if (in.isWords("using", "index")) {
            throw SqlException.notSupported("USING INDEX TABLESPACE", in.peek().position());
        }
    }

    /** What may follow a constraint, in any order. */
    private record Attributes(Timing timing, boolean notValid, boolean noInherit) {}

    /**
     * @param column whether it is a column's constraint: NOT NULL may follow, NOT VALID may not
     */
    private static Attributes attributes(TokenCursor in, String kind, boolean column) {
        Boolean deferrable = null;
        Boolean deferred = null;
        boolean notValid = false;
        boolean noInherit = false;
        while (true) {
            int position = in.peek().position();
            if (in.isWord("deferrable") || in.isWords("not", "deferrable")) {
                boolean value = !in.accept("not");
                in.expect("deferrable");
                if (column && kind.equals("CHECK")) {
                    throw misplaced(value ? "DEFERRABLE" : "NOT DEFERRABLE", position);
                }
                if (deferrable != null) {
                    throw conflicting(column, "DEFERRABLE/NOT DEFERRABLE", position);
                }
                deferrable = value;
                if (value && kind.equals("CHECK")) {
                    throw cannotBe(kind, "DEFERRABLE", position);
                }
            } else if (in.isWords("initially", "deferred")
                    || in.isWords("initially", "immediate")) {
                in.expect("initially");
                boolean value = in.accept("deferred");
                if (!value) {
                    in.expect("immediate");
                }
                if (column && kind.equals("CHECK")) {
                    throw misplaced(value ? "INITIALLY DEFERRED" : "INITIALLY IMMEDIATE", position);
                }
                if (deferred != null) {
                    throw conflicting(column, "INITIALLY IMMEDIATE/DEFERRED", position);
                }
                deferred = value;
                if (value && kind.equals("CHECK")) {
                    throw cannotBe(kind, "DEFERRABLE", position);
                }
            } else if (!column && in.accept("not", "valid")) {
                notValid = true;
                if (!kind.equals("CHECK") && !kind.equals("FOREIGN KEY")) {
                    throw cannotBe(kind, "NOT VALID", position);
                }
            } else if ((!column || kind.equals("CHECK")) && in.accept("no", "inherit")) {
                noInherit = true;
                if (!kind.equals("CHECK")) {
                    throw cannotBe(kind, "NO INHERIT", position);
                }
            } else {
                break;
            }
            if (Boolean.TRUE.equals(deferred) && Boolean.FALSE.equals(deferrable)) {
                throw new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "constraint declared INITIALLY DEFERRED must be DEFERRABLE",
                        position);
            }
        }
        boolean later = Boolean.TRUE.equals(deferred);
        return new Attributes(
                new Timing(later || Boolean.TRUE.equals(deferrable), later), notValid, noInherit);
    }

    private static SqlException misplaced(String clause, int position) {
        return new SqlException(SqlState.SYNTAX_ERROR, "misplaced " + clause + " clause", position);
    }

    private static SqlException conflicting(boolean column, String clauses, int position) {
        return column
                ? new SqlException(
                        SqlState.SYNTAX_ERROR,
                        "multiple " + clauses + " clauses not allowed",
                        position)
                : new SqlException(
                        SqlState.SYNTAX_ERROR, "conflicting constraint properties", position);
    }

    private static SqlException cannotBe(String kind, String what, int position) {
        return new SqlException(
                SqlState.FEATURE_NOT_SUPPORTED,
                kind + " constraints cannot be marked " + what,
                position);
    }

    /** ALTER CONSTRAINT. */
    static Timing timing(TokenCursor in) {
        return attributes(in, "FOREIGN KEY", false).timing();
    }

    private static ConstraintSpec references(
            TokenCursor in, @Nullable String name, List<String> columns, boolean column) {
        QualifiedName parent = in.qualifiedName();
        List<String> parentColumns = in.isMark("(") ? in.parenthesisedNames() : List.of();
        boolean matchFull = false;
        String onDelete = "no action";
        String onUpdate = "no action";
        List<String> deleteColumns = List.of();
        if (in.accept("match")) {
            if (in.isWord("partial")) {
                throw new SqlException(
                        SqlState.FEATURE_NOT_SUPPORTED,
                        "MATCH PARTIAL not yet implemented",
                        in.peek(-1).position());
            }
            matchFull = in.accept("full");
            if (!matchFull) {
                in.expect("simple");
            }
        }
        while (in.isWords("on", "delete") || in.isWords("on", "update")) {
            int position = in.next().position();
            boolean delete = in.isWord("delete");
            in.next();
            String action = action(in);
            List<String> set =
                    action.startsWith("set") && in.isMark("(")
                            ? in.parenthesisedNames()
                            : List.of();
            if (!set.isEmpty() && !delete) {
                throw new SqlException(
                        SqlState.FEATURE_NOT_SUPPORTED,
                        "a column list with "
                                + action.toUpperCase(Locale.ROOT)
                                + " is only supported for ON DELETE actions",
                        position);
            }
            if (delete) {
                onDelete = action;
                deleteColumns = set;
            } else {
                onUpdate = action;
            }
        }
        Attributes attributes = attributes(in, "FOREIGN KEY", column);
        return new ConstraintSpec.ForeignKey(
                name,
                columns,
                parent,
                parentColumns,
                matchFull,
                onDelete,
                deleteColumns,
                onUpdate,
                attributes.timing(),
                attributes.notValid());
    }

    private static String action(TokenCursor in) {
        if (in.accept("no", "action")) {
            return "no action";
        }
        if (in.accept("restrict")) {
            return "restrict";
        }
        if (in.accept("cascade")) {
            return "cascade";
        }
        in.expect("set");
        if (in.accept("null")) {
            return "set null";
        }
        in.expect("default");
        return "set default";
    }
}
