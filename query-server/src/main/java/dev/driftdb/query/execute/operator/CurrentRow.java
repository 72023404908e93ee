package dev.driftdb.query.execute.operator;

import dev.driftdb.materializer.state.StoredRow;
import dev.driftdb.query.execute.Eval;
import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.type.Bytes;
import org.jspecify.annotations.Nullable;

/** In place of a scan: the row that a cursor is on, as it is now; none if it was deleted. */
public final class CurrentRow implements Operator {
    private final TableDef table;
    private final String cursor;
    private final RowDecoder decoder;
    private final @Nullable Eval filter;

    /**
     * @param decoder of rows that end in their ids
     */
    public CurrentRow(TableDef table, String cursor, RowDecoder decoder, @Nullable Eval filter) {
        this.table = table;
        this.cursor = cursor;
        this.decoder = decoder;
        this.filter = filter;
    }

    @Override
    public Rows open(Frame frame) {
        Bytes key = frame.context().currentRow(table, cursor);
        if (key == null) {
            return Rows.NONE;
        }
        StoredRow stored = frame.context().tables().get(table, key);
        return stored == null ? Rows.NONE : decoder.single(key, stored, filter, frame);
    }
}
