package dev.driftdb.schemas.catalog;

import dev.driftdb.schemas.avro.AvroInput;
import dev.driftdb.schemas.avro.AvroOutput;
import dev.driftdb.schemas.catalog.IndexDef.IndexColumn;
import dev.driftdb.schemas.catalog.IndexDef.IndexExpression;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Indexes as records of avro/catalog-v1.avsc, or of avro/catalog-v4.avsc. */
final class IndexCodec {
    private IndexCodec() {}

    /** Whether version 1 can say all of it. */
    static boolean isFirstVersion(IndexDef index) {
        return !index.computed() && index.include().isEmpty();
    }

    static void write(AvroOutput out, IndexDef index) throws IOException {
        boolean first = isFirstVersion(index);
        out.int32(index.id());
        out.int32(index.schemaId());
        out.string(index.name());
        out.int32(index.tableId());
        out.array(
                index.columns(),
                (o, column) -> {
                    o.int32(column.number());
                    o.bool(column.descending());
                    o.bool(column.nullsFirst());
                    if (!first) {
                        write(o, column.expression());
                    }
                });
        out.bool(index.unique());
        out.bool(index.nullsDistinct());
        out.bool(index.primary());
        if (!first) {
            out.array(index.include(), AvroOutput::int32);
            out.optionalString(index.predicate());
        }
    }

    private static void write(AvroOutput out, @Nullable IndexExpression expression)
            throws IOException {
        out.branch(expression == null ? 0 : 1);
        if (expression != null) {
            out.string(expression.sql());
            out.int32(expression.type().oid());
            out.int32(expression.typmod());
            out.string(expression.name());
        }
    }

    static IndexDef read(AvroInput in, boolean first) throws IOException {
        return new IndexDef(
                in.int32(),
                in.int32(),
                in.string(),
                in.int32(),
                in.array(i ->
                        new IndexColumn(
                                i.int32(), i.bool(), i.bool(), first ? null : readExpression(i))),
                in.bool(),
                in.bool(),
                in.bool(),
                first ? List.of() : in.array(AvroInput::int32),
                first ? null : in.optionalString());
    }

    private static @Nullable IndexExpression readExpression(AvroInput in) throws IOException {
        return in.branch("index expression", 2) == 0
                ? null
                : new IndexExpression(
                        in.string(), CatalogCodec.readType(in), in.int32(), in.string());
    }
}
