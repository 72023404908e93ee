package dev.driftdb.query.define;

import dev.driftdb.query.parse.StoredNames;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.ColumnDef;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.SequenceDef;
import dev.driftdb.schemas.catalog.TableDef;
import org.jspecify.annotations.Nullable;

/**
 * Sequences in the texts of defaults. A text names them by id, as {@code '16400'::regclass}, so
 * that it means the same one whatever that is called; texts of older formats name them by name.
 */
final class SequenceTexts {
    private SequenceTexts() {}

    static String nextval(SequenceDef sequence) {
        return "nextval(" + StoredNames.relation(sequence.id()) + ")";
    }

    static boolean uses(Catalog catalog, @Nullable String text, SequenceDef sequence) {
        if (text == null) {
            return false;
        }
        return StoredNames.namesRelation(text, sequence.id())
                || usesByName(catalog, text, sequence);
    }

    /** Defaults that name a sequence by name name it by id from now on. */
    static void pin(DefinitionScope scope, SequenceDef sequence) {
        for (TableDef table : scope.catalog().objects(TableDef.class)) {
            for (ColumnDef column : table.visibleColumns()) {
                String text = column.defaultSql();
                if (text != null && usesByName(scope.catalog(), text, sequence)) {
                    scope.write(table.withColumn(column.withDefault(nextval(sequence))));
                }
            }
        }
    }

    private static boolean usesByName(Catalog catalog, String text, SequenceDef sequence) {
        if (!text.startsWith("nextval(")
                || !(catalog.find(sequence.schemaId()) instanceof SchemaDef schema)) {
            return false;
        }
        String name = IndexTexts.quoted(sequence.name());
        return text.contains("'" + IndexTexts.quoted(schema.name()) + "." + name + "'")
                || text.contains("'" + name + "'");
    }
}
