package dev.driftdb.query.parse;

import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TimePoint;
import dev.driftdb.query.ast.TransactionStatement;
import dev.driftdb.query.ast.TransactionStatement.TransactionModes;
import org.jspecify.annotations.Nullable;

/** BEGIN, COMMIT, ROLLBACK and savepoints in all their spellings. */
final class TransactionStatements {
    private final QueryParser queries;

    TransactionStatements(QueryParser queries) {
        this.queries = queries;
    }

    Statement parse(TokenCursor in) {
        if (in.accept("begin")) {
            work(in);
            return new TransactionStatement.Begin(modes(in, false));
        }
        if (in.accept("start")) {
            in.expect("transaction");
            return new TransactionStatement.Begin(modes(in, false));
        }
        if (in.accept("savepoint")) {
            return new TransactionStatement.Savepoint(in.name());
        }
        if (in.accept("release")) {
            savepoint(in);
            return new TransactionStatement.ReleaseSavepoint(in.name());
        }
        if (in.peek(1).isWord("prepared")) {
            throw UtilityParser.notSupported(in, 2);
        }
        if (in.accept("commit") || in.accept("end")) {
            work(in);
            return new TransactionStatement.Commit(chain(in));
        }
        if (!in.accept("rollback")) {
            in.expect("abort");
            work(in);
            return new TransactionStatement.Rollback(chain(in));
        }
        work(in);
        if (in.accept("to")) {
            savepoint(in);
            return new TransactionStatement.RollbackToSavepoint(in.name());
        }
        return new TransactionStatement.Rollback(chain(in));
    }

    /** The word SAVEPOINT, unless it is the savepoint's own name. */
    private static void savepoint(TokenCursor in) {
        if (!SessionStatements.isLast(in.peek(1))) {
            in.accept("savepoint");
        }
    }

    private static void work(TokenCursor in) {
        if (!in.accept("work")) {
            in.accept("transaction");
        }
    }

    private static boolean chain(TokenCursor in) {
        if (!in.accept("and")) {
            return false;
        }
        boolean no = in.accept("no");
        in.expect("chain");
        return !no;
    }

    /** Transaction modes with or without commas; at least one if {@code required}. */
    TransactionModes modes(TokenCursor in, boolean required) {
        String isolation = null;
        Boolean readOnly = null;
        Boolean deferrable = null;
        TimePoint asOf = null;
        boolean more = required || !in.atEnd();
        while (more) {
            if (in.accept("isolation")) {
                in.expect("level");
                isolation = level(in);
            } else if (in.accept("read")) {
                readOnly = in.accept("only");
                if (!readOnly) {
                    in.expect("write");
                }
            } else if (in.accept("deferrable")) {
                deferrable = true;
            } else if (in.accept("not")) {
                in.expect("deferrable");
                deferrable = false;
            } else if (in.accept("as", "of")) {
                in.accept("system", "time");
                asOf = once(in, asOf);
            } else {
                throw in.fail();
            }
            more = in.acceptMark(",") || !in.atEnd();
        }
        return new TransactionModes(isolation, readOnly, deferrable, asOf);
    }

    private TimePoint once(TokenCursor in, @Nullable TimePoint before) {
        if (before != null) {
            throw in.fail();
        }
        return new TimePoints(in, queries).point();
    }

    private static String level(TokenCursor in) {
        if (in.accept("serializable")) {
            return "serializable";
        }
        if (in.accept("repeatable")) {
            in.expect("read");
            return "repeatable read";
        }
        in.expect("read");
        if (in.accept("committed")) {
            return "read committed";
        }
        in.expect("uncommitted");
        return "read uncommitted";
    }
}
