package dev.driftdb.query.parse;

import dev.driftdb.query.ast.ColumnTarget;
import dev.driftdb.query.ast.DataStatement;
import dev.driftdb.query.ast.DataStatement.MergeAction;
import dev.driftdb.query.ast.DataStatement.MergeClause;
import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.SqlExpr;
import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TableExpr;
import dev.driftdb.schemas.error.SqlException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads MERGE from its parts: {@link QuerySyntax} tells where each ends. */
final class MergeStatements {
    private final QueryParser queries;

    MergeStatements(QueryParser queries) {
        this.queries = queries;
    }

    /** Whether the statement at the cursor is a MERGE, perhaps behind WITH. */
    static boolean startsHere(TokenCursor in) {
        if (!in.isWord("with")) {
            return in.isWord("merge");
        }
        int depth = 0;
        for (int i = in.index(); ; i++) {
            Token token = in.tokens().get(i);
            switch (token.kind()) {
                case END -> {
                    return false;
                }
                case MARK -> {
                    switch (token.text()) {
                        case "(" -> depth++;
                        case ")" -> depth--;
                        case ";" -> {
                            return false;
                        }
                        default -> {}
                    }
                }
                case WORD -> {
                    if (depth == 0) {
                        switch (token.text()) {
                            case "merge" -> {
                                if (in.tokens().get(i + 1).isWord("into")) {
                                    return true;
                                }
                            }
                            case "select", "insert", "update", "delete", "values", "table" -> {
                                return false;
                            }
                            default -> {}
                        }
                    }
                }
                case QUOTED, STRING, BIT_STRING, NUMBER, PARAMETER, OPERATOR -> {}
            }
        }
    }

    DataStatement.Merge parse(TokenCursor in) {
        Token time = QuerySyntax.findOurs(in, in.index(), in.endIndex());
        if (time != null) {
            throw SqlException.notSupported("a time clause in MERGE", time.position());
        }
        QuerySyntax.check(in, in.index(), in.endIndex(), false);
        QuerySyntax syntax = new QuerySyntax(in);
        Query with = null;
        if (in.isWord("with")) {
            int start = in.index();
            syntax.with();
            with = queries.with(in, start, in.index());
        }
        in.expect("merge", "into");
        in.accept("only");
        boolean parenthesised = in.acceptMark("(");
        QualifiedName table = in.qualifiedName();
        if (parenthesised) {
            in.expectMark(")");
        }
        in.acceptOperator("*");
        String alias = in.accept("as") || !in.isWord("using") ? in.name() : null;
        in.expect("using");
        int start = in.index();
        syntax.tables().item();
        TableExpr source = queries.fromItem(in, start, in.index());
        in.expect("on");
        SqlExpr condition = expression(in, syntax);
        List<MergeClause> clauses = new ArrayList<>();
        do {
            clauses.add(clause(in, syntax));
        } while (in.isWord("when"));
        return new DataStatement.Merge(
                with == null ? List.of() : with.with(),
                with != null && with.recursive(),
                table,
                alias,
                source,
                condition,
                clauses);
    }

    private SqlExpr expression(TokenCursor in, QuerySyntax syntax) {
        int start = in.index();
        syntax.expressions().any();
        return queries.expression(in, start, in.index());
    }

    private MergeClause clause(TokenCursor in, QuerySyntax syntax) {
        in.expect("when");
        boolean matched = !in.accept("not");
        in.expect("matched");
        SqlExpr condition = in.accept("and") ? expression(in, syntax) : null;
        in.expect("then");
        return new MergeClause(matched, condition, action(in, syntax));
    }

    private MergeAction action(TokenCursor in, QuerySyntax syntax) {
        if (in.accept("do", "nothing")) {
            return new MergeAction.Nothing();
        }
        if (in.accept("delete")) {
            return new MergeAction.Delete();
        }
        if (in.accept("update", "set")) {
            int start = in.index();
            syntax.modifications().assignments();
            return new MergeAction.Update(queries.assignments(in, start, in.index()));
        }
        int position = in.peek().position();
        in.expect("insert");
        if (in.accept("default", "values")) {
            return new MergeAction.Insert(List.of(), null, null, position);
        }
        List<ColumnTarget> columns = in.isMark("(") ? ColumnTargets.list(in) : List.of();
        String overriding = overriding(in);
        int start = in.index();
        syntax.query();
        Statement values = queries.statement(in, start, in.index());
        if (values instanceof DataStatement.Select select
                && select.query().body() instanceof Query.Values rows) {
            return new MergeAction.Insert(columns, overriding, rows.rows().getFirst(), position);
        }
        throw in.fail();
    }

    private static @Nullable String overriding(TokenCursor in) {
        if (!in.accept("overriding")) {
            return null;
        }
        String which = in.next().text();
        in.expect("value");
        return which;
    }
}
