package dev.driftdb.query.parse;

import dev.driftdb.query.ast.QualifiedName;
import dev.driftdb.query.ast.Statement.SequenceOptions;
import dev.driftdb.schemas.error.SqlException;

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
        while (true) {
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

    private static boolean number(TokenCursor in) {
        return in.peek().kind() == Token.Kind.NUMBER || in.peek().kind() == Token.Kind.OPERATOR;
    }

    private static QualifiedName columnName(TokenCursor in) {
        return in.qualifiedName();
    }
}
