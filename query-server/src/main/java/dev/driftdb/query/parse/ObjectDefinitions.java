package dev.driftdb.query.parse;

import static java.util.stream.Collectors.joining;

import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.ObjectDefinition;
import dev.driftdb.query.ast.ObjectDefinition.ObjectAction;
import dev.driftdb.query.ast.ObjectDefinition.ObjectKind;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlText;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableDefinition;
import dev.driftdb.query.ast.TableDefinition.IndexItem;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Indexes, views, sequences, schemas: CREATE, ALTER; and DROP of everything. */
final class ObjectDefinitions {
    /** Collations that order by bytes, as all text here is ordered. */
    private static final Set<String> COLLATIONS =
            Set.of("C", "POSIX", "default", "ucs_basic", "C.utf8", "C.UTF-8");

    private final UtilityParser statements;
    private final ConstraintDefinitions constraints;

    ObjectDefinitions(UtilityParser statements, ConstraintDefinitions constraints) {
        this.statements = statements;
        this.constraints = constraints;
    }

    // ---- CREATE INDEX ----

    Statement createIndex(TokenCursor in) {
        in.expect("create");
        boolean unique = in.accept("unique");
        in.expect("index");
        in.accept("concurrently");
        boolean ifNotExists = in.accept("if", "not", "exists");
        String name = in.isWord("on") ? null : in.name();
        if (name == null && ifNotExists) {
            throw in.fail();
        }
        in.expect("on");
        in.accept("only");
        QualifiedName table = in.qualifiedName();
        String method = in.accept("using") ? in.name() : "btree";
        in.expectMark("(");
        List<IndexItem> items = new ArrayList<>();
        do {
            items.add(indexItem(in));
        } while (in.acceptMark(","));
        in.expectMark(")");
        List<String> include = in.accept("include") ? in.parenthesisedNames() : List.of();
        boolean notDistinct = in.accept("nulls", "not", "distinct");
        if (!notDistinct) {
            in.accept("nulls", "distinct");
        }
        if (in.isWord("with") && in.peek(1).isMark("(")) {
            in.next();
            // Storage parameters of the index (fillfactor) mean nothing to this storage.
            in.moveTo(in.closing(in.index()) + 1);
        }
        if (in.isWord("tablespace")) {
            throw UtilityParser.notSupported(in, 1);
        }
        SqlText where = in.accept("where") ? constraints.text(in, in.endIndex()) : null;
        return new TableDefinition.CreateIndex(
                name, ifNotExists, unique, table, method, items, include, notDistinct, where);
    }

    private IndexItem indexItem(TokenCursor in) {
        String column = null;
        SqlText expression = null;
        if (in.isMark("(")) {
            expression = constraints.parenthesised(in);
        } else if (in.peek(1).isMark("(") || in.peek(1).isMark(".")) {
            int i = in.index();
            while (!in.tokens().get(i).isMark("(")) {
                if (in.tokens().get(i).kind() == Token.Kind.END) {
                    throw in.fail();
                }
                i++;
            }
            expression = constraints.text(in, in.closing(i) + 1);
        } else {
            column = in.name();
        }
        if (in.accept("collate")) {
            QualifiedName collation = in.qualifiedName();
            if (!COLLATIONS.contains(collation.last())) {
                throw SqlException.notSupported(
                        "collation \"" + collation.last() + "\"", collation.position());
            }
        }
        if (in.peek().isName() && !in.isWord("asc") && !in.isWord("desc") && !in.isWord("nulls")) {
            throw SqlException.notSupported("an operator class", in.peek().position());
        }
        boolean descending = in.accept("desc");
        if (!descending) {
            in.accept("asc");
        }
        Boolean nullsFirst = null;
        if (in.accept("nulls", "first")) {
            nullsFirst = true;
        } else if (in.accept("nulls", "last")) {
            nullsFirst = false;
        }
        return new IndexItem(column, expression, descending, nullsFirst);
    }

    /** REINDEX [(options)] INDEX | TABLE [CONCURRENTLY] name; of a schema or database is 0A000. */
    Statement reindex(TokenCursor in) {
        int position = in.peek().position();
        in.expect("reindex");
        if (in.isMark("(")) {
            in.moveTo(in.closing(in.index()) + 1);
        }
        boolean index = in.accept("index");
        if (!index && !in.accept("table")) {
            if (in.isWord("schema") || in.isWord("database") || in.isWord("system")) {
                throw SqlException.notSupported(
                        "REINDEX " + UtilityParser.spelled(in, 0), position);
            }
            throw in.fail();
        }
        boolean concurrently = in.accept("concurrently");
        return new TableDefinition.Reindex(index, concurrently, in.qualifiedName());
    }

    // ---- CREATE VIEW, SEQUENCE, SCHEMA ----

    Statement createView(TokenCursor in) {
        in.expect("create");
        boolean orReplace = in.accept("or", "replace");
        boolean temporary = TableDefinitions.temporary(in);
        boolean recursive = in.accept("recursive");
        in.expect("view");
        QualifiedName name = in.qualifiedName();
        List<String> columns = recursive || in.isMark("(") ? in.parenthesisedNames() : List.of();
        Map<String, String> options = options(in);
        in.expect("as");
        int start = in.index();
        int end = in.endIndex();
        int queryEnd = end;
        String check = checkOption(in, end);
        if (check != null) {
            options.put("check_option", check);
            queryEnd -= in.tokens().get(end - 3).isWord("with") ? 3 : 4;
        }
        Query query = query(in, queryEnd);
        String text = in.text(start, queryEnd);
        if (recursive) {
            if (check != null) {
                throw SqlException.notSupported(
                        "WITH CHECK OPTION of a recursive view", in.tokens().get(start).position());
            }
            text = recursive(name.last(), columns, text);
            query = queryOf(text);
        }
        in.moveTo(end);
        return new ObjectDefinition.CreateView(
                name, orReplace, temporary, columns, query, text, options);
    }

    /** WITH [CASCADED | LOCAL] CHECK OPTION at the end: "cascaded" or "local", null without. */
    private static @Nullable String checkOption(TokenCursor in, int end) {
        List<Token> tokens = in.tokens();
        if (end - in.index() < 4
                || !tokens.get(end - 1).isWord("option")
                || !tokens.get(end - 2).isWord("check")) {
            return null;
        }
        if (tokens.get(end - 3).isWord("with")) {
            return "cascaded";
        }
        boolean said = tokens.get(end - 4).isWord("with");
        if (said && tokens.get(end - 3).isWord("local")) {
            return "local";
        }
        return said && tokens.get(end - 3).isWord("cascaded") ? "cascaded" : null;
    }

    /** What CREATE RECURSIVE VIEW stands for. */
    private static String recursive(String name, List<String> columns, String query) {
        String quoted = quoted(name);
        String list = columns.stream().map(ObjectDefinitions::quoted).collect(joining(", "));
        return "WITH RECURSIVE "
                + quoted
                + " ("
                + list
                + ") AS ("
                + query
                + ") SELECT "
                + list
                + " FROM "
                + quoted;
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static Query queryOf(String text) {
        if (new SqlParser().parse(text).getFirst().statement()
                instanceof DataStatement.Select select) {
            return select.query();
        }
        throw new IllegalStateException("a recursive view is a query");
    }

    private static Map<String, String> options(TokenCursor in) {
        Map<String, String> options = new LinkedHashMap<>();
        if (in.isWord("with") && in.peek(1).isMark("(")) {
            in.next();
            TableDefinitions.storageOptions(in, options);
        }
        return options;
    }

    Statement createMaterializedView(TokenCursor in) {
        in.expect("create", "materialized", "view");
        boolean ifNotExists = in.accept("if", "not", "exists");
        QualifiedName name = in.qualifiedName();
        List<String> columns = in.isMark("(") ? in.parenthesisedNames() : List.of();
        if (in.isWord("using") || in.isWord("tablespace")) {
            throw SqlException.notSupported(
                    "CREATE MATERIALIZED VIEW " + UtilityParser.spelled(in, 0),
                    in.peek().position());
        }
        Map<String, String> options = options(in);
        in.expect("as");
        int start = in.index();
        int end = in.endIndex();
        List<Token> tokens = in.tokens();
        int queryEnd = end;
        boolean withData = true;
        if (end - start > 3 && tokens.get(end - 1).isWord("data")) {
            if (tokens.get(end - 2).isWord("with")) {
                queryEnd = end - 2;
            } else if (tokens.get(end - 2).isWord("no") && tokens.get(end - 3).isWord("with")) {
                queryEnd = end - 3;
                withData = false;
            }
        }
        Query query = query(in, queryEnd);
        String text = in.text(start, queryEnd);
        in.moveTo(end);
        return new ObjectDefinition.CreateMaterializedView(
                name, ifNotExists, columns, query, text, options, withData);
    }

    Statement refresh(TokenCursor in) {
        in.expect("refresh", "materialized", "view");
        boolean concurrently = in.accept("concurrently");
        QualifiedName name = in.qualifiedName();
        boolean withData = true;
        if (in.accept("with", "no", "data")) {
            withData = false;
        } else {
            in.accept("with", "data");
        }
        return new ObjectDefinition.RefreshMaterializedView(name, concurrently, withData);
    }

    private Query query(TokenCursor in, int end) {
        Token start = in.peek();
        if (statements.query(in, end) instanceof DataStatement.Select select) {
            return select.query();
        }
        throw SyntaxErrors.near(in.source(), start);
    }

    Statement createSequence(TokenCursor in) {
        in.expect("create");
        boolean temporary = TableDefinitions.temporary(in);
        in.expect("sequence");
        boolean ifNotExists = in.accept("if", "not", "exists");
        QualifiedName name = in.qualifiedName();
        TypeName type = in.accept("as") ? TypeNames.parse(in) : null;
        return new ObjectDefinition.CreateSequence(
                name, ifNotExists, temporary, type, SequenceDefinitions.options(in));
    }

    Statement createSchema(TokenCursor in) {
        in.expect("create", "schema");
        boolean ifNotExists = in.accept("if", "not", "exists");
        String name = in.isWord("authorization") ? null : in.name();
        String owner = in.accept("authorization") ? in.label() : null;
        List<Statement> elements = new ArrayList<>();
        while (!in.atEnd()) {
            if (ifNotExists) {
                throw new SqlException(
                        SqlState.FEATURE_NOT_SUPPORTED,
                        "CREATE SCHEMA IF NOT EXISTS cannot include schema elements",
                        in.peek().position());
            }
            if (in.isWord("grant")) {
                throw SqlException.notSupported("GRANT in CREATE SCHEMA", in.peek().position());
            }
            if (!in.isWord("create")) {
                throw in.fail();
            }
            elements.add(element(in));
        }
        return new ObjectDefinition.CreateSchema(name, ifNotExists, owner, elements);
    }

    /** One CREATE inside of CREATE SCHEMA: it ends where the next one begins. */
    private Statement element(TokenCursor in) {
        int depth = 0;
        int end = in.index() + 1;
        List<Token> tokens = in.tokens();
        while (true) {
            Token token = tokens.get(end);
            if (token.kind() == Token.Kind.END || token.isMark(";")) {
                break;
            }
            if (token.isMark("(")) {
                depth++;
            } else if (token.isMark(")")) {
                depth--;
            } else if (depth == 0 && (token.isWord("create") || token.isWord("grant"))) {
                break;
            }
            end++;
        }
        String text = in.text(in.index(), end);
        Statement statement = new SqlParser().parse(text).getFirst().statement();
        in.moveTo(end);
        return statement;
    }

    // ---- ALTER ----

    Statement alter(TokenCursor in) {
        in.expect("alter");
        int position = in.peek().position();
        ObjectKind kind = kind(in);
        String spelled = "ALTER " + kind.name().replace('_', ' ');
        boolean ifExists = kind != ObjectKind.SCHEMA && in.accept("if", "exists");
        QualifiedName name =
                kind == ObjectKind.SCHEMA
                        ? new QualifiedName(List.of(in.name()), position)
                        : in.qualifiedName();
        ObjectAction action = action(in, kind);
        if (action != null) {
            return new ObjectDefinition.AlterObject(kind, name, ifExists, action);
        }
        if (in.isWord("set")
                || in.isWord("reset")
                || in.isWord("attach")
                || in.isWord("alter")
                || in.isWord("cluster")
                || in.isWords("no", "depends")
                || in.isWord("depends")) {
            throw SqlException.notSupported(spelled + " " + UtilityParser.spelled(in, 0), position);
        }
        if (kind != ObjectKind.SEQUENCE || in.atEnd()) {
            throw in.fail();
        }
        TypeName type = in.accept("as") ? TypeNames.parse(in) : null;
        return new ObjectDefinition.AlterSequence(
                name, ifExists, type, SequenceDefinitions.options(in));
    }

    private @Nullable ObjectAction action(TokenCursor in, ObjectKind kind) {
        boolean view = kind == ObjectKind.VIEW || kind == ObjectKind.MATERIALIZED_VIEW;
        if (in.accept("rename", "to")) {
            return new ObjectAction.RenameTo(in.name());
        }
        if (in.accept("owner", "to")) {
            return new ObjectAction.SetOwner(in.label());
        }
        if (kind == ObjectKind.INDEX && in.isWords("set", "schema")) {
            in.next();
            throw in.fail();
        }
        if (kind != ObjectKind.SCHEMA && in.accept("set", "schema")) {
            return new ObjectAction.SetSchema(in.name());
        }
        if (view && in.accept("rename")) {
            in.accept("column");
            String column = in.name();
            in.expect("to");
            return new ObjectAction.RenameColumn(column, in.name());
        }
        if (kind == ObjectKind.VIEW && in.accept("alter")) {
            in.accept("column");
            String column = in.name();
            if (in.accept("drop", "default")) {
                return new ObjectAction.ColumnDefault(column, null);
            }
            in.expect("set", "default");
            return new ObjectAction.ColumnDefault(column, constraints.text(in, in.endIndex()));
        }
        if (kind == ObjectKind.VIEW && in.isWord("set") && in.peek(1).isMark("(")) {
            in.next();
            Map<String, String> options = new LinkedHashMap<>();
            TableDefinitions.storageOptions(in, options);
            return new ObjectAction.SetOptions(options);
        }
        if (kind == ObjectKind.VIEW && in.accept("reset")) {
            return new ObjectAction.ResetOptions(in.parenthesisedNames());
        }
        return null;
    }

    private static ObjectKind kind(TokenCursor in) {
        if (in.accept("materialized", "view")) {
            return ObjectKind.MATERIALIZED_VIEW;
        }
        for (ObjectKind kind : ObjectKind.values()) {
            if (in.accept(kind.name().toLowerCase(Locale.ROOT))) {
                return kind;
            }
        }
        throw in.fail();
    }

    private static List<QualifiedName> typeNames(TokenCursor in) {
        List<QualifiedName> names = new ArrayList<>();
        do {
            TypeName type = TypeNames.parse(in);
            List<String> parts = new ArrayList<>(type.parts());
            if (type.arrayDimensions() > 0) {
                parts.add(parts.removeLast() + "[]");
            }
            names.add(new QualifiedName(parts, type.position()));
        } while (in.acceptMark(","));
        return names;
    }

    // ---- DROP ----

    private static final Set<String> DROPPED_ONLY =
            Set.of("cast", "owned", "procedural", "routine", "transform");

    Statement drop(TokenCursor in) {
        int position = in.peek().position();
        if (in.peek(1).kind() == Token.Kind.WORD) {
            switch (in.peek(1).text()) {
                case "table",
                        "index",
                        "sequence",
                        "view",
                        "schema",
                        "materialized",
                        "type",
                        "domain" -> {}
                default -> {
                    if (UtilityParser.isForeign(in.peek(1).text(), DROPPED_ONLY)) {
                        throw SqlException.notSupported(
                                "DROP " + UtilityParser.spelled(in, 1), position);
                    }
                    in.next();
                    throw in.fail();
                }
            }
        }
        in.expect("drop");
        ObjectKind kind = kind(in);
        if (kind == ObjectKind.INDEX) {
            in.accept("concurrently");
        }
        boolean ifExists = in.accept("if", "exists");
        List<QualifiedName> names =
                kind == ObjectKind.TYPE || kind == ObjectKind.DOMAIN
                        ? typeNames(in)
                        : in.qualifiedNames();
        boolean cascade = in.accept("cascade");
        if (!cascade) {
            in.accept("restrict");
        }
        return new ObjectDefinition.Drop(kind, names, ifExists, cascade);
    }

    /** UNDROP TABLE [IF EXISTS] name [, …]. */
    Statement undrop(TokenCursor in) {
        if (in.peek(1).kind() == Token.Kind.WORD && !in.peek(1).isWord("table")) {
            throw UtilityParser.notSupported(in, 2);
        }
        in.expect("undrop", "table");
        boolean ifExists = in.accept("if", "exists");
        return new ObjectDefinition.Undrop(in.qualifiedNames(), ifExists);
    }
}
