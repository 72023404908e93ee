package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.SequenceOptions;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.HashSet;
import java.util.Set;

/** The options of sequences and identity columns. */
final class SequenceDefinitions {
    private SequenceDefinitions() {}

    /** Options up to the first token that is none. */
    static SequenceOptions options(TokenCursor in) {
        Long start = null;
        Long increment = null;
        Long min = null;
        Long max = null;
        boolean noMin = false;
        boolean noMax = false;
        Long cache = null;
        Boolean cycle = null;
        boolean restart = false;
        Long restartWith = null;
        QualifiedName ownedBy = null;
        Set<String> seen = new HashSet<>();
        while (true) {
            once(in, seen);
            if (in.accept("start")) {
                in.accept("with");
                start = in.signedLong();
            } else if (in.accept("increment")) {
                in.accept("by");
                increment = in.signedLong();
            } else if (in.accept("minvalue")) {
                min = in.signedLong();
            } else if (in.accept("maxvalue")) {
                max = in.signedLong();
            } else if (in.accept("no", "minvalue")) {
                noMin = true;
            } else if (in.accept("no", "maxvalue")) {
                noMax = true;
            } else if (in.accept("cache")) {
                cache = in.signedLong();
            } else if (in.accept("cycle")) {
                cycle = true;
            } else if (in.accept("no", "cycle")) {
                cycle = false;
            } else if (in.accept("restart")) {
                restart = true;
                in.accept("with");
                restartWith = number(in) ? Long.valueOf(in.signedLong()) : null;
            } else if (in.accept("owned", "by")) {
                ownedBy = in.accept("none") ? QualifiedName.of("none") : columnName(in);
            } else if (in.isWords("sequence", "name")) {
                throw SqlException.notSupported("SEQUENCE NAME", in.peek().position());
            } else {
                return new SequenceOptions(
                        start,
                        increment,
                        min,
                        max,
                        noMin,
                        noMax,
                        cache,
                        cycle,
                        restart,
                        restartWith,
                        ownedBy);
            }
        }
    }

    /** Refuses an option that was there already. */
    private static void once(TokenCursor in, Set<String> seen) {
        String word = in.isWord("no") ? in.peek(1).text() : in.peek().text();
        switch (word) {
            case "start",
                    "increment",
                    "minvalue",
                    "maxvalue",
                    "cache",
                    "cycle",
                    "restart",
                    "owned" -> {
                if (!seen.add(word)) {
                    throw new SqlException(
                            SqlState.SYNTAX_ERROR,
                            "conflicting or redundant options",
                            in.peek().position());
                }
            }
            default -> {}
        }
    }

    private static boolean number(TokenCursor in) {
        return in.peek().kind() == Token.Kind.NUMBER || in.peek().kind() == Token.Kind.OPERATOR;
    }

    private static QualifiedName columnName(TokenCursor in) {
        return in.qualifiedName();
    }
}
