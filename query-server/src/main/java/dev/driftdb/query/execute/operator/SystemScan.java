package dev.driftdb.query.execute.operator;

import dev.driftdb.query.catalog.SystemRelation;
import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.ExecutionContext;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.schemas.catalog.Catalog;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Rows of a relation that the engine computes. */
public final class SystemScan implements Operator {
    private final SystemRelation relation;
    private final @Nullable Long offset;
    private final @Nullable Eval filter;

    /**
     * @param offset whose catalog is shown, null for the statement's own
     */
    public SystemScan(SystemRelation relation, @Nullable Long offset, @Nullable Eval filter) {
        this.relation = relation;
        this.offset = offset;
        this.filter = filter;
    }

    @Override
    public Rows open(Frame frame) {
        ExecutionContext context = frame.context();
        Catalog catalog =
                offset == null ? context.catalog() : context.tables().viewAt(offset).catalog();
        Iterator<@Nullable Object[]> rows = relation.rows().of(catalog, context);
        return new Rows() {
            @Override
            public @Nullable Object @Nullable [] next() {
                while (rows.hasNext()) {
                    frame.tick();
                    @Nullable Object[] row = rows.next();
                    if (filter == null || filter.test(row, frame)) {
                        return row;
                    }
                }
                return null;
            }

            @Override
            public void close() {}
        };
    }
}
