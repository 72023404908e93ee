package dev.driftdb.query.bind;

import dev.driftdb.query.ast.Query;
import dev.driftdb.query.ast.Statement;
import java.util.regex.Pattern;

/** Whether a query reads a common table by a bare name. */
final class References {
    private References() {}

    /**
     * Errs on the side of yes: a name hidden by an inner WITH counts too, and then the query is
     * bound as a recursive one, which it may be without reading itself.
     */
    static boolean mentions(Query query, String name) {
        return mentions((Object) query, name);
    }

    static boolean mentions(Statement statement, String name) {
        return mentions((Object) statement, name);
    }

    private static boolean mentions(Object query, String name) {
        // The tree's own text form names every relation as Named[name=…, so nothing is missed when
        // a new kind of expression is added to the tree.
        return Pattern.compile("Named\\[name=" + Pattern.quote(name) + "[,\\]]")
                .matcher(query.toString())
                .find();
    }
}
