package dev.driftdb.query.ingest;

import dev.driftdb.ingest.events.IngestTable;
import dev.driftdb.materializer.replica.Replica;
import dev.driftdb.schemas.avro.AvroSchemas;
import dev.driftdb.schemas.avro.SchemaRegistry;
import dev.driftdb.schemas.catalog.Catalog;
import dev.driftdb.schemas.catalog.SchemaDef;
import dev.driftdb.schemas.catalog.TableDef;
import dev.driftdb.schemas.catalog.TableOptions;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.log.TopicNames;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables with {@code ingest = on} as the catalog of this moment has them. The Avro schemas of
 * their rows and keys are in the registry before their events are read, so that a producer finds
 * them under the topic's subjects. One thread at a time.
 */
public final class IngestTables implements Supplier<Set<IngestTable>> {
    private static final Logger LOG = LoggerFactory.getLogger(IngestTables.class);

    /** Of a topic that nobody made before: all events of the table keep their order. */
    private static final int PARTITIONS = 1;

    private final TopicNames names;
    private final Replica replica;
    private final SchemaRegistry registry;
    private Set<IngestTable> tables = Set.of();
    private long version = -2;

    public IngestTables(TopicNames names, Replica replica, SchemaRegistry registry) {
        this.names = names;
        this.replica = replica;
        this.registry = registry;
    }

    /**
     * @throws IllegalStateException if a schema cannot be registered now
     */
    @Override
    public Set<IngestTable> get() {
        Catalog catalog = replica.catalog();
        if (catalog.version() == version) {
            return tables;
        }
        Set<IngestTable> found = new HashSet<>();
        for (TableDef table : catalog.objects(TableDef.class)) {
            if (TableOptions.ingest(table)
                    && catalog.find(table.schemaId()) instanceof SchemaDef schema) {
                try {
                    register(schema, table);
                    found.add(new IngestTable(schema.name(), table.name(), PARTITIONS));
                } catch (SqlException e) {
                    LOG.error("no ingest into \"{}\": {}", table.name(), e.getMessage());
                }
            }
        }
        tables = Set.copyOf(found);
        version = catalog.version();
        return tables;
    }

    private void register(SchemaDef schema, TableDef table) {
        String topic = names.events(schema.name(), table.name());
        registry.idOf(topic + "-key", AvroSchemas.key(schema.name(), table));
        registry.idOf(topic + "-value", AvroSchemas.row(schema.name(), table));
    }
}
