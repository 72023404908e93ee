package dev.driftdb.schemas.catalog;

import dev.driftdb.schemas.avro.AvroInput;
import dev.driftdb.schemas.avro.AvroOutput;
import dev.driftdb.schemas.catalog.TypeDef.DomainCheck;
import dev.driftdb.schemas.catalog.TypeDef.EnumLabel;
import java.io.IOException;

/** {@link TypeDef} in the format of avro/catalog-v3.avsc. */
final class TypeCodec {
    private TypeCodec() {}

    static void write(AvroOutput out, TypeDef type) throws IOException {
        out.int32(type.id());
        out.int32(type.schemaId());
        out.string(type.name());
        out.int32(type.ownerId());
        switch (type.kind()) {
            case TypeDef.Enumeration enumeration -> {
                out.branch(0);
                out.array(
                        enumeration.labels(),
                        (o, label) -> {
                            o.int32(label.id());
                            o.int64(label.position());
                            o.string(label.name());
                        });
            }
            case TypeDef.Domain domain -> {
                out.branch(1);
                out.int32(domain.over().oid());
                out.int32(domain.typmod());
                out.bool(domain.notNull());
                out.optionalString(domain.defaultSql());
                out.array(
                        domain.checks(),
                        (o, check) -> {
                            o.int32(check.id());
                            o.string(check.name());
                            o.string(check.sql());
                            o.bool(check.validated());
                        });
                out.array(domain.searchPath(), AvroOutput::string);
            }
            case TypeDef.Composite composite -> {
                out.branch(2);
                out.array(
                        composite.attributes(),
                        (o, attribute) -> {
                            o.int32(attribute.number());
                            o.string(attribute.name());
                            o.int32(attribute.type().oid());
                            o.int32(attribute.typmod());
                            o.bool(attribute.dropped());
                        });
            }
        }
    }

    static TypeDef read(AvroInput in) throws IOException {
        return new TypeDef(in.int32(), in.int32(), in.string(), in.int32(), readKind(in));
    }

    private static TypeDef.Kind readKind(AvroInput in) throws IOException {
        return switch (in.branch("type", 3)) {
            case 0 ->
                    new TypeDef.Enumeration(
                            in.array(i -> new EnumLabel(i.int32(), i.int64(), i.string())));
            case 1 ->
                    new TypeDef.Domain(
                            CatalogCodec.readType(in),
                            in.int32(),
                            in.bool(),
                            in.optionalString(),
                            in.array(i ->
                                    new DomainCheck(i.int32(), i.string(), i.string(), i.bool())),
                            in.array(AvroInput::string));
            default -> new TypeDef.Composite(in.array(TypeCodec::readAttribute));
        };
    }

    private static ColumnDef readAttribute(AvroInput in) throws IOException {
        return new ColumnDef(
                in.int32(),
                in.string(),
                CatalogCodec.readType(in),
                in.int32(),
                false,
                null,
                null,
                ColumnDef.Identity.NONE,
                in.bool());
    }
}
