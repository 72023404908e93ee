package dev.driftdb.schemas.catalog;

import dev.driftdb.schemas.avro.AvroInput;
import dev.driftdb.schemas.avro.AvroOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Views as records of avro/catalog-v1.avsc, or of avro/catalog-v4.avsc. */
final class ViewCodec {
    private ViewCodec() {}

    /** Whether version 1 can say all of it. */
    static boolean isFirstVersion(ViewDef view) {
        return view.references().isEmpty() && view.options().isEmpty();
    }

    static void write(AvroOutput out, ViewDef view) throws IOException {
        out.int32(view.id());
        out.int32(view.schemaId());
        out.string(view.name());
        out.int32(view.ownerId());
        out.array(view.columns(), CatalogCodec::write);
        out.string(view.query());
        out.array(view.searchPath(), AvroOutput::string);
        if (!isFirstVersion(view)) {
            out.array(view.references(), ViewCodec::write);
            CatalogCodec.write(out, view.options());
        }
    }

    static ViewDef read(AvroInput in, boolean first) throws IOException {
        return new ViewDef(
                in.int32(),
                in.int32(),
                in.string(),
                in.int32(),
                in.array(CatalogCodec::readColumn),
                in.string(),
                in.array(AvroInput::string),
                first ? List.of() : in.array(ViewCodec::readReference),
                first ? Map.of() : CatalogCodec.readOptions(in));
    }

    static void write(AvroOutput out, MaterializedView view) throws IOException {
        out.int32(view.id());
        out.int32(view.tableId());
        out.string(view.query());
        out.array(view.searchPath(), AvroOutput::string);
        out.array(view.references(), ViewCodec::write);
        out.bool(view.populated());
    }

    static MaterializedView readMaterialized(AvroInput in) throws IOException {
        return new MaterializedView(
                in.int32(),
                in.int32(),
                in.string(),
                in.array(AvroInput::string),
                in.array(ViewCodec::readReference),
                in.bool());
    }

    private static void write(AvroOutput out, RelationReference reference) throws IOException {
        out.int32(reference.position());
        out.int32(reference.relationId());
        out.array(
                reference.columns(),
                (o, column) -> {
                    o.int32(column.number());
                    o.string(column.name());
                    o.bool(column.used());
                });
    }

    private static RelationReference readReference(AvroInput in) throws IOException {
        return new RelationReference(
                in.int32(),
                in.int32(),
                in.array(i -> new RelationReference.Named(i.int32(), i.string(), i.bool())));
    }
}
