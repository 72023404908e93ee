package dev.driftdb.query.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a node is started with. Each value comes from a flag, an environment variable, a
 * configuration file or its default, in this order; docs/configuration.md is the table.
 *
 * @param listenAddress of the SQL and HTTP ports
 * @param port of PostgreSQL's protocol; 0 for any free one
 * @param httpPort 0 for any free one
 * @param kafkaPort of the embedded broker; 0 for any free one
 * @param bootstrapServers an existing cluster, null for the embedded broker
 * @param kafkaProperties for every Kafka client (security and the like)
 */
public record ServerConfig(
        Path dataDirectory,
        String database,
        String listenAddress,
        int port,
        int httpPort,
        int kafkaPort,
        @Nullable String bootstrapServers,
        Map<String, String> kafkaProperties,
        int maxConnections,
        int messageBytesMax,
        Duration commitTimeout,
        long queryBytesMax,
        boolean relaxedDurability,
        PastConfig past) {
    public ServerConfig {
        kafkaProperties = Map.copyOf(kafkaProperties);
    }
}
