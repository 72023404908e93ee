package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.Statement.IndexItem;
import dev.driftdb.query.ast.Statement.ObjectKind;
import dev.driftdb.query.ast.Statement.SqlText;
import dev.driftdb.query.ast.TypeName;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

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
        return new Statement.CreateIndex(
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

    // ---- CREATE VIEW, SEQUENCE, SCHEMA ----

    Statement createView(TokenCursor in) {
        in.expect("create");
        boolean orReplace = in.accept("or", "replace");
        boolean temporary = TableDefinitions.temporary(in);
        in.expect("view");
        QualifiedName name = in.qualifiedName();
        List<String> columns = in.isMark("(") ? in.parenthesisedNames() : List.of();
        if (in.isWord("with")) {
            throw SqlException.notSupported("CREATE VIEW WITH", in.peek().position());
        }
        in.expect("as");
        int start = in.index();
        int end = in.endIndex();
        if (end - start > 3
                && in.tokens().get(end - 1).isWord("option")
                && in.tokens().get(end - 2).isWord("check")) {
            throw SqlException.notSupported(
                    "WITH CHECK OPTION", in.tokens().get(end - 2).position());
        }
        Query query = query(in, end);
        return new Statement.CreateView(
                name, orReplace, temporary, columns, query, in.text(start, end));
    }

    private Query query(TokenCursor in, int end) {
        Token start = in.peek();
        if (statements.query(in, end) instanceof Statement.Select select) {
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
        return new Statement.CreateSequence(
                name, ifNotExists, temporary, type, SequenceDefinitions.options(in));
    }

    Statement createSchema(TokenCursor in) {
        in.expect("create", "schema");
        boolean ifNotExists = in.accept("if", "not", "exists");
        if (in.isWord("authorization")) {
            throw SqlException.notSupported("CREATE SCHEMA AUTHORIZATION", in.peek().position());
        }
        String name = in.name();
        if (!in.atEnd()) {
            if (in.isWord("create") || in.isWord("grant") || in.isWord("authorization")) {
                throw SqlException.notSupported(
                        "CREATE SCHEMA with elements", in.peek().position());
            }
            throw in.fail();
        }
        return new Statement.CreateSchema(name, ifNotExists);
    }

    // ---- ALTER ----

    Statement alter(TokenCursor in) {
        in.expect("alter");
        int position = in.peek().position();
        ObjectKind kind = kind(in);
        String spelled = "ALTER " + kind;
        boolean ifExists = in.accept("if", "exists");
        QualifiedName name = in.qualifiedName();
        if (in.accept("rename", "to")) {
            return new Statement.Rename(kind, name, ifExists, in.name());
        }
        if (in.isWord("rename")
                || in.isWord("owner")
                || in.isWord("reset")
                || (in.isWord("set") && kind != ObjectKind.SEQUENCE)
                || in.isWords("set", "schema")
                || in.isWord("attach")
                || in.isWord("alter")
                || in.isWord("as")) {
            throw SqlException.notSupported(spelled + " " + UtilityParser.spelled(in, 0), position);
        }
        if (kind != ObjectKind.SEQUENCE || in.atEnd()) {
            throw in.fail();
        }
        return new Statement.AlterSequence(name, ifExists, SequenceDefinitions.options(in));
    }

    private static ObjectKind kind(TokenCursor in) {
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

    Statement drop(TokenCursor in) {
        int position = in.peek().position();
        if (in.peek(1).kind() == Token.Kind.WORD) {
            switch (in.peek(1).text()) {
                case "table", "index", "sequence", "view", "schema", "type", "domain" -> {}
                case "access",
                        "aggregate",
                        "cast",
                        "collation",
                        "conversion",
                        "database",
                        "event",
                        "extension",
                        "foreign",
                        "function",
                        "group",
                        "language",
                        "materialized",
                        "operator",
                        "owned",
                        "policy",
                        "procedure",
                        "procedural",
                        "publication",
                        "role",
                        "routine",
                        "rule",
                        "server",
                        "statistics",
                        "subscription",
                        "tablespace",
                        "tag",
                        "text",
                        "transform",
                        "trigger",
                        "user" ->
                        throw SqlException.notSupported(
                                "DROP " + UtilityParser.spelled(in, 1), position);
                default -> {
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
        return new Statement.Drop(kind, names, ifExists, cascade);
    }
}
