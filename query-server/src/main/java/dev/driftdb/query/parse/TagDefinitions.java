package dev.driftdb.query.parse;

import dev.driftdb.query.ast.Statement;
import dev.driftdb.query.ast.TagDefinition;
import dev.driftdb.query.ast.TimePoint;
import java.util.ArrayList;
import java.util.List;

/** CREATE TAG and DROP TAG. */
final class TagDefinitions {
    private final QueryParser queries;

    TagDefinitions(QueryParser queries) {
        this.queries = queries;
    }

    /** CREATE TAG [IF NOT EXISTS] name [AS OF point]. */
    Statement create(TokenCursor in) {
        in.expect("create", "tag");
        boolean ifNotExists = in.accept("if", "not", "exists");
        String name = in.name();
        TimePoint point = in.accept("as", "of") ? new TimePoints(in, queries).point() : null;
        return new TagDefinition.CreateTag(name, ifNotExists, point);
    }

    /** DROP TAG [IF EXISTS] name [, …]. */
    Statement drop(TokenCursor in) {
        in.expect("drop", "tag");
        boolean ifExists = in.accept("if", "exists");
        List<String> names = new ArrayList<>();
        do {
            names.add(in.name());
        } while (in.acceptMark(","));
        return new TagDefinition.DropTag(names, ifExists);
    }
}
