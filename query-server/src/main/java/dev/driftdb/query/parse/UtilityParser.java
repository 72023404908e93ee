package dev.driftdb.query.parse;

import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.schemas.error.SqlException;
import java.util.Locale;
import java.util.Set;

/**
 * Parses one statement of any kind: queries go to {@link QueryParser}, the rest to the family that
 * its first words name. What PostgreSQL knows and DriftDB does not answers 0A000 with its name.
 */
final class UtilityParser {
    /** First words of PostgreSQL's statements that have no family here. */
    private static final Set<String> FOREIGN =
            Set.of(
                    "call",
                    "cluster",
                    "do",
                    "grant",
                    "import",
                    "listen",
                    "load",
                    "notify",
                    "reassign",
                    "revoke",
                    "security",
                    "unlisten");

    /** First words of DriftDB's own statements that are yet to come. */
    private static final Set<String> OWN = Set.of("subscribe", "forget");

    /** Kinds of objects that only PostgreSQL has, in CREATE, ALTER and DROP alike. */
    private static final Set<String> FOREIGN_KINDS =
            Set.of(
                    "access",
                    "aggregate",
                    "collation",
                    "conversion",
                    "database",
                    "event",
                    "extension",
                    "foreign",
                    "function",
                    "group",
                    "language",
                    "operator",
                    "policy",
                    "procedure",
                    "publication",
                    "role",
                    "rule",
                    "server",
                    "statistics",
                    "subscription",
                    "tablespace",
                    "text",
                    "trigger",
                    "user");

    private static final Set<String> CREATED_ONLY =
            Set.of("cast", "constraint", "default", "procedural", "transform", "trusted");

    private static final Set<String> ALTERED_ONLY =
            Set.of("default", "large", "routine", "system", "tag");

    private final QueryParser queries;
    private final TransactionStatements transactions;
    private final MergeStatements merges;
    private final SessionStatements sessions;
    private final CursorStatements cursors;
    private final CopyStatements copies;
    private final MaintenanceStatements maintenance;
    private final TableDefinitions tables;
    private final TableChanges tableChanges;
    private final ObjectDefinitions objects;
    private final TypeDefinitions types;
    private final TagDefinitions tags;

    UtilityParser(QueryParser queries) {
        this.queries = queries;
        this.transactions = new TransactionStatements(queries);
        this.merges = new MergeStatements(queries);
        this.sessions = new SessionStatements(this, transactions, queries);
        this.cursors = new CursorStatements(this);
        this.copies = new CopyStatements(this);
        this.maintenance = new MaintenanceStatements(this);
        ConstraintDefinitions constraints = new ConstraintDefinitions(queries);
        this.tables = new TableDefinitions(this, constraints);
        this.tableChanges = new TableChanges(constraints);
        this.objects = new ObjectDefinitions(this, constraints);
        this.types = new TypeDefinitions(constraints);
        this.tags = new TagDefinitions(queries);
    }

    /** The statement at the cursor; it then stands at the semicolon or the end. */
    Statement statement(TokenCursor in) {
        Token first = in.peek();
        if (first.isMark("(")) {
            return query(in);
        }
        if (first.kind() != Token.Kind.WORD) {
            throw in.fail();
        }
        String word = first.text();
        return switch (word) {
            case "select", "with" -> {
                Statement into = tables.selectInto(in);
                yield into == null ? query(in) : into;
            }
            case "insert", "update", "delete", "merge", "values" -> query(in);
            case "table" -> query(in);
            case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release" ->
                    transactions.parse(in);
            case "prepare" -> {
                if (in.peek(1).isWord("transaction")) {
                    throw notSupported(in, 2);
                }
                yield sessions.parse(in);
            }
            case "set", "reset", "show", "execute", "deallocate", "discard" -> sessions.parse(in);
            case "declare", "fetch", "move", "close" -> cursors.parse(in);
            case "copy" -> copies.parse(in);
            case "explain",
                    "vacuum",
                    "analyze",
                    "analyse",
                    "checkpoint",
                    "lock",
                    "restore",
                    "revert",
                    "snapshot",
                    "truncate" ->
                    maintenance.parse(in);
            case "reindex" -> objects.reindex(in);
            case "refresh" -> objects.refresh(in);
            case "create" -> create(in);
            case "alter" -> alter(in);
            case "drop" -> in.peek(1).isWord("tag") ? tags.drop(in) : objects.drop(in);
            case "undrop" -> objects.undrop(in);
            case "comment" -> types.comment(in);
            default -> {
                if (FOREIGN.contains(word) || OWN.contains(word)) {
                    throw notSupported(in, words(in, word));
                }
                throw in.fail();
            }
        };
    }

    private static int words(TokenCursor in, String first) {
        return switch (first) {
            case "import", "security", "reassign" -> in.peek(1).kind() == Token.Kind.WORD ? 2 : 1;
            default -> 1;
        };
    }

    TimePoint point(TokenCursor in) {
        return new TimePoints(in, queries).point();
    }

    /** A query or data-modifying statement up to the end of the statement. */
    Statement query(TokenCursor in) {
        return query(in, in.endIndex());
    }

    Statement query(TokenCursor in, int end) {
        if (MergeStatements.startsHere(in)) {
            return merges.parse(in);
        }
        Statement statement = queries.statement(in, end);
        in.moveTo(end);
        return statement;
    }

    /**
     * Whether PostgreSQL has objects of a kind that DriftDB does not have.
     *
     * @param others kinds that this command has and others do not
     */
    static boolean isForeign(String kind, Set<String> others) {
        return FOREIGN_KINDS.contains(kind) || others.contains(kind);
    }

    private Statement create(TokenCursor in) {
        int i = 1;
        if (in.peek(1).isWord("or") && in.peek(2).isWord("replace")) {
            i = 3;
        }
        if (in.peek(i).isWord("global") || in.peek(i).isWord("local")) {
            i++;
        }
        if (in.peek(i).isWord("temp") || in.peek(i).isWord("temporary")) {
            i++;
        }
        Token kind = in.peek(i);
        if (kind.kind() != Token.Kind.WORD) {
            in.moveTo(in.index() + i);
            throw in.fail();
        }
        return switch (kind.text()) {
            case "table" -> tables.createTable(in);
            case "unique", "index" -> objects.createIndex(in);
            case "view", "recursive" -> objects.createView(in);
            case "materialized" -> objects.createMaterializedView(in);
            case "sequence" -> objects.createSequence(in);
            case "schema" -> objects.createSchema(in);
            case "type" -> types.createType(in);
            case "domain" -> types.createDomain(in);
            case "tag" -> tags.create(in);
            case "unlogged" -> throw SqlException.notSupported("UNLOGGED", kind.position());
            default -> {
                if (isForeign(kind.text(), CREATED_ONLY)) {
                    throw SqlException.notSupported(
                            "CREATE " + spelled(in, i), in.peek().position());
                }
                in.moveTo(in.index() + i);
                throw in.fail();
            }
        };
    }

    private Statement alter(TokenCursor in) {
        Token kind = in.peek(1);
        if (kind.kind() != Token.Kind.WORD) {
            in.next();
            throw in.fail();
        }
        return switch (kind.text()) {
            case "table" -> tableChanges.parse(in);
            case "index", "view", "sequence", "schema", "materialized" -> objects.alter(in);
            case "type" -> types.alterType(in);
            case "domain" -> types.alterDomain(in);
            default -> {
                if (isForeign(kind.text(), ALTERED_ONLY)) {
                    throw SqlException.notSupported(
                            "ALTER " + spelled(in, 1), in.peek().position());
                }
                in.next();
                throw in.fail();
            }
        };
    }

    /** The kind of an object in capitals, of two words where one says too little. */
    static String spelled(TokenCursor in, int ahead) {
        String word = in.peek(ahead).text();
        String name =
                switch (word) {
                    case "access",
                            "event",
                            "foreign",
                            "materialized",
                            "text",
                            "constraint",
                            "default",
                            "large",
                            "user",
                            "operator" ->
                            in.peek(ahead + 1).kind() == Token.Kind.WORD
                                            && (!word.equals("user")
                                                    || in.peek(ahead + 1).isWord("mapping"))
                                            && (!word.equals("operator")
                                                    || in.peek(ahead + 1).isWord("class")
                                                    || in.peek(ahead + 1).isWord("family"))
                                    ? word + " " + in.peek(ahead + 1).text()
                                    : word;
                    default -> word;
                };
        return name.toUpperCase(Locale.ROOT);
    }

    static SqlException notSupported(TokenCursor in, int words) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < words; i++) {
            name.append(i == 0 ? "" : " ").append(in.peek(i).text().toUpperCase(Locale.ROOT));
        }
        return SqlException.notSupported(name.toString(), in.peek().position());
    }
}
