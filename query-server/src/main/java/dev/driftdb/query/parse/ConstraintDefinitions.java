package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Statement.ColumnSpec;
import dev.driftdb.query.ast.Statement.ConstraintSpec;
import dev.driftdb.query.ast.Statement.SequenceOptions;
import dev.driftdb.query.ast.Statement.SqlText;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.List;
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
        if (notNull && nullable) {
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
            timing(in, "PRIMARY KEY");
            return new ConstraintSpec.PrimaryKey(constraint, List.of(column));
        }
        if (in.accept("unique")) {
            boolean notDistinct = nullsNotDistinct(in);
            indexParameters(in);
            timing(in, "UNIQUE");
            return new ConstraintSpec.Unique(constraint, List.of(column), notDistinct);
        }
        if (in.accept("check")) {
            SqlText condition = parenthesised(in);
            noInherit(in);
            return new ConstraintSpec.Check(constraint, condition);
        }
        if (in.accept("references")) {
            return references(in, constraint, List.of(column));
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
            usingIndex(in);
            List<String> columns = in.parenthesisedNames();
            indexParameters(in);
            timing(in, "PRIMARY KEY");
            return new ConstraintSpec.PrimaryKey(name, columns);
        }
        if (in.accept("unique")) {
            usingIndex(in);
            boolean notDistinct = nullsNotDistinct(in);
            List<String> columns = in.parenthesisedNames();
            indexParameters(in);
            timing(in, "UNIQUE");
            return new ConstraintSpec.Unique(name, columns, notDistinct);
        }
        if (in.accept("check")) {
            SqlText condition = parenthesised(in);
            noInherit(in);
            return new ConstraintSpec.Check(name, condition);
        }
        in.expect("foreign", "key");
        List<String> columns = in.parenthesisedNames();
        in.expect("references");
        return references(in, name, columns);
    }

    private static boolean nullsNotDistinct(TokenCursor in) {
        if (in.accept("nulls", "not", "distinct")) {
            return true;
        }
        in.accept("nulls", "distinct");
        return false;
    }

    private static void noInherit(TokenCursor in) {
        if (in.isWords("no", "inherit")) {
            throw SqlException.notSupported("NO INHERIT", in.peek().position());
        }
        if (in.isWords("not", "valid")) {
            throw SqlException.notSupported("NOT VALID", in.peek().position());
        }
    }

    private static void usingIndex(TokenCursor in) {
        if (in.isWord("using")) {
            throw SqlException.notSupported("USING INDEX", in.peek().position());
        }
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

    private static void timing(TokenCursor in, String constraint) {
        if (in.isWord("deferrable")) {
            throw SqlException.notSupported("a deferrable " + constraint, in.peek().position());
        }
        in.accept("not", "deferrable");
        if (in.isWords("initially", "deferred")) {
            throw SqlException.notSupported("a deferrable " + constraint, in.peek().position());
        }
        in.accept("initially", "immediate");
    }

    private static ConstraintSpec references(
            TokenCursor in, @Nullable String name, List<String> columns) {
        QualifiedName parent = in.qualifiedName();
        List<String> parentColumns = in.isMark("(") ? in.parenthesisedNames() : List.of();
        String onDelete = "no action";
        String onUpdate = "no action";
        boolean deferrable = false;
        boolean deferred = false;
        while (true) {
            if (in.accept("match")) {
                if (!in.accept("simple")) {
                    throw SqlException.notSupported(
                            "MATCH other than SIMPLE", in.peek().position());
                }
            } else if (in.accept("on", "delete")) {
                onDelete = action(in);
            } else if (in.accept("on", "update")) {
                onUpdate = action(in);
            } else if (in.accept("deferrable")) {
                deferrable = true;
            } else if (in.accept("not", "deferrable") || in.accept("initially", "immediate")) {
                deferred = false;
            } else if (in.accept("initially", "deferred")) {
                deferrable = true;
                deferred = true;
            } else {
                noInherit(in);
                return new ConstraintSpec.ForeignKey(
                        name,
                        columns,
                        parent,
                        parentColumns,
                        onDelete,
                        onUpdate,
                        deferrable,
                        deferred);
            }
        }
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
        String action;
        if (in.accept("null")) {
            action = "set null";
        } else {
            in.expect("default");
            action = "set default";
        }
        if (in.isMark("(")) {
            throw SqlException.notSupported(
                    "a column list after ON DELETE SET", in.peek().position());
        }
        return action;
    }
}
