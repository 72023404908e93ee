package dev.driftdb.query.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * {@code /health} for supervisors, {@code /metrics} for Prometheus, {@link SchemaApi} for
 * consumers.
 */
final class HttpAdmin implements AutoCloseable {
    private static final int BACKLOG = 64;

    private final HttpServer server;
    private final ExecutorService threads;
    private final HealthSource source;

    private HttpAdmin(HttpServer server, HealthSource source) {
        this.server = server;
        this.source = source;
        this.threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.createContext("/health", exchange -> answer(exchange, "application/json", health()));
        server.createContext(
                "/metrics", exchange -> answer(exchange, "text/plain; version=0.0.4", metrics()));
        SchemaApi schemas = new SchemaApi(source.topics());
        server.createContext("/subjects", schemas::handle);
        server.createContext("/schemas", schemas::handle);
        server.start();
    }

    static HttpAdmin start(InetSocketAddress address, HealthSource source) {
        try {
            return new HttpAdmin(HttpServer.create(address, BACKLOG), source);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the HTTP port " + address.getPort() + " cannot be used", e);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    private String health() {
        return "{\"status\":\"%s\",\"applied_offset\":%d}\n"
                .formatted(source.isHealthy() ? "ok" : "failed", source.appliedOffset());
    }

    private String metrics() {
        return """
        # HELP driftdb_applied_offset The last log offset folded into the replica.
        # TYPE driftdb_applied_offset gauge
        driftdb_applied_offset %d
        # HELP driftdb_sessions Open sessions.
        # TYPE driftdb_sessions gauge
        driftdb_sessions %d
        # HELP driftdb_changelog_offset The last log offset that this node has published, -1 if another does.
        # TYPE driftdb_changelog_offset gauge
        driftdb_changelog_offset %d
        # HELP driftdb_changelog_failing Whether publishing waits for a failure to pass.
        # TYPE driftdb_changelog_failing gauge
        driftdb_changelog_failing %d
        # HELP driftdb_ingest_failing Whether ingest waits for a failure to pass.
        # TYPE driftdb_ingest_failing gauge
        driftdb_ingest_failing %d
        """
                .formatted(
                        source.appliedOffset(),
                        source.sessionCount(),
                        source.topics().publishedOffset(),
                        source.topics().changelogFailure() == null ? 0 : 1,
                        source.topics().ingestFailure() == null ? 0 : 1);
    }

    private void answer(HttpExchange exchange, String type, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(source.isHealthy() ? 200 : 503, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
