package dev.driftdb.query.execute.operator;

import dev.driftdb.query.execute.Frame;
import dev.driftdb.query.execute.Operator;
import dev.driftdb.query.execute.Rows;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** WITH: defines common tables, then runs what reads them. */
public final class WithTables implements Operator {
    /**
     * One common table.
     *
     * @param modifies whether it changes data: it then runs to its end even if nobody reads it
     */
    public record Definition(int id, String name, Operator operator, boolean modifies) {}

    private final List<Definition> definitions;
    private final Operator body;

    public WithTables(List<Definition> definitions, Operator body) {
        this.definitions = List.copyOf(definitions);
        this.body = body;
    }

    @Override
    public Rows open(Frame frame) {
        List<SharedRows> tables = new ArrayList<>();
        for (Definition definition : definitions) {
            SharedRows rows = new SharedRows(definition.operator(), frame, definition.name());
            tables.add(rows);
            frame.defineCommonTable(definition.id(), rows);
        }
        for (int i = 0; i < tables.size(); i++) {
            if (definitions.get(i).modifies()) {
                tables.get(i).complete();
            }
        }
        return new BodyRows(body.open(frame), tables);
    }

    /** The body's rows; the tables end with them. */
    record BodyRows(Rows rows, List<SharedRows> tables) implements Rows {
        @Override
        public @Nullable Object @Nullable [] next() {
            return rows.next();
        }

        @Override
        public void close() {
            rows.close();
            tables.forEach(SharedRows::close);
        }
    }
}
