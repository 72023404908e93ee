package dev.driftdb.query.parse;

/**
 * The part of {@link QuerySyntax} that follows INSERT, UPDATE, DELETE and MERGE. Not for several
 * threads.
 */
final class ModificationSyntax {
    private final TokenCursor in;
    private final QuerySyntax queries;
    private final ExpressionSyntax expressions;
    private final FromSyntax tables;

    ModificationSyntax(
            TokenCursor in, QuerySyntax queries, ExpressionSyntax expressions, FromSyntax tables) {
        this.in = in;
        this.queries = queries;
        this.expressions = expressions;
        this.tables = tables;
    }

    void insert() {
        in.expect("insert", "into");
        tables.name();
        if (in.accept("as")) {
            in.name();
        }
        if (in.accept("default")) {
            in.expect("values");
        } else {
            boolean columns =
                    in.isMark("(")
                            && !QuerySyntax.startsQuery(in.peek(1))
                            && !in.peek(1).isMark("(");
            if (columns) {
                insertColumns();
            }
            overriding();
            queries.query();
        }
        if (in.accept("on")) {
            conflict();
        }
        returning();
    }

    private void insertColumns() {
        in.expectMark("(");
        do {
            in.name();
            expressions.indirection();
        } while (in.acceptMark(","));
        in.expectMark(")");
    }

    private void overriding() {
        if (in.accept("overriding")) {
            if (!in.accept("user")) {
                in.expect("system");
            }
            in.expect("value");
        }
    }

    private void conflict() {
        in.expect("conflict");
        if (in.isMark("(")) {
            in.next();
            do {
                conflictItem();
            } while (in.acceptMark(","));
            in.expectMark(")");
            if (in.accept("where")) {
                expressions.any();
            }
        } else if (in.accept("on")) {
            in.expect("constraint");
            in.name();
        }
        in.expect("do");
        if (in.accept("nothing")) {
            return;
        }
        in.expect("update", "set");
        assignments();
        if (in.accept("where")) {
            expressions.any();
        }
    }

    private void conflictItem() {
        if (in.isMark("(")) {
            in.next();
            expressions.any();
            in.expectMark(")");
        } else if (in.peek(1).isMark("(")) {
            expressions.primary();
        } else {
            in.name();
        }
        if (in.accept("collate")) {
            tables.name();
        }
        if (in.peek().isName() && !in.isWord("asc") && !in.isWord("desc") && !in.isWord("nulls")) {
            tables.name();
        }
        if (!in.accept("asc")) {
            in.accept("desc");
        }
        if (in.accept("nulls") && !in.accept("first")) {
            in.expect("last");
        }
    }

    private void returning() {
        if (in.accept("returning")) {
            queries.targets();
        }
    }

    /** The items of SET. */
    void assignments() {
        do {
            if (in.acceptMark("(")) {
                do {
                    in.name();
                    expressions.indirection();
                } while (in.acceptMark(","));
                in.expectMark(")");
            } else {
                in.name();
                expressions.indirection();
            }
            if (!in.acceptOperator("=")) {
                throw in.fail();
            }
            expressions.any();
        } while (in.acceptMark(","));
    }

    /** The table that is changed, with its alias. */
    private void changed() {
        tables.relation();
        if (in.accept("as")) {
            in.name();
        } else if (!in.isWord("set") && tables.startsAlias(in.peek())) {
            in.next();
        }
    }

    void update() {
        in.expect("update");
        changed();
        in.expect("set");
        assignments();
        if (in.accept("from")) {
            tables.list();
        }
        filter();
        returning();
    }

    void delete() {
        in.expect("delete", "from");
        changed();
        if (in.accept("using")) {
            tables.list();
        }
        filter();
        returning();
    }

    private void filter() {
        if (in.accept("where")) {
            if (in.isWord("current") && in.peek(1).isWord("of")) {
                in.next();
                in.next();
                in.name();
            } else {
                expressions.any();
            }
        }
    }

    void merge() {
        in.expect("merge", "into");
        changed();
        in.expect("using");
        tables.item();
        in.expect("on");
        expressions.any();
        do {
            in.expect("when");
            boolean matched = !in.accept("not");
            in.expect("matched");
            if (in.accept("and")) {
                expressions.any();
            }
            in.expect("then");
            if (in.accept("do")) {
                in.expect("nothing");
            } else if (matched) {
                if (!in.accept("delete")) {
                    in.expect("update", "set");
                    assignments();
                }
            } else {
                mergeInsert();
            }
        } while (in.isWord("when"));
    }

    private void mergeInsert() {
        in.expect("insert");
        if (in.accept("default")) {
            in.expect("values");
            return;
        }
        if (in.isMark("(")) {
            insertColumns();
        }
        overriding();
        in.expect("values");
        in.expectMark("(");
        expressions.list();
        in.expectMark(")");
    }
}
