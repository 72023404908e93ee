package dev.driftdb.query.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.driftdb.materializer.progress.Progress;
import dev.driftdb.materializer.progress.ProgressWatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code /health} for supervisors, {@code /metrics} for Prometheus, {@link SchemaApi} for
 * consumers.
 */
final class HttpAdmin implements AutoCloseable {
    private static final int BACKLOG = 64;

    private final HttpServer server;
    private final ExecutorService threads;
    private final ProgressWatch progress;
    private volatile @Nullable HealthSource source;

    private HttpAdmin(HttpServer server, ProgressWatch progress) {
        this.server = server;
        this.progress = progress;
        this.threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.createContext("/health", this::health);
        server.createContext("/metrics", this::metrics);
        server.createContext("/subjects", this::schemas);
        server.createContext("/schemas", this::schemas);
        server.start();
    }

    /** Until it is {@link #ready} it answers that the node starts, and how far it is. */
    static HttpAdmin start(InetSocketAddress address, ProgressWatch progress) {
        try {
            return new HttpAdmin(HttpServer.create(address, BACKLOG), progress);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the HTTP port " + address.getPort() + " cannot be used", e);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    void ready(HealthSource node) {
        source = node;
    }

    private void health(HttpExchange exchange) throws IOException {
        HealthSource node = source;
        boolean healthy = node != null && node.isHealthy();
        String status = healthy ? "ok" : node == null ? "starting" : "failed";
        String offset = node == null ? "" : ",\"applied_offset\":" + node.appliedOffset();
        String works =
                progress.now().stream().map(HttpAdmin::json).collect(Collectors.joining(","));
        answer(
                exchange,
                healthy,
                "application/json",
                "{\"status\":\"" + status + "\"" + offset + ",\"progress\":[" + works + "]}\n");
    }

    private static String json(Progress work) {
        return String.format(
                Locale.ROOT,
                "{\"work\":\"%s\",\"percent\":%.1f,\"%s_per_second\":%.0f,\"seconds_left\":%s}",
                work.what(),
                work.percent(),
                work.unit(),
                work.speed(),
                work.secondsLeft() < 0
                        ? "null"
                        : String.format(Locale.ROOT, "%.0f", work.secondsLeft()));
    }

    private void schemas(HttpExchange exchange) throws IOException {
        HealthSource node = source;
        if (node == null) {
            answer(exchange, false, "text/plain", "the node is starting\n");
        } else {
            new SchemaApi(node.topics()).handle(exchange);
        }
    }

    private void metrics(HttpExchange exchange) throws IOException {
        HealthSource node = source;
        answer(
                exchange,
                node != null && node.isHealthy(),
                "text/plain; version=0.0.4",
                node == null ? "" : metrics(node));
    }

    private static String metrics(HealthSource source) {
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

    private static void answer(HttpExchange exchange, boolean healthy, String type, String body)
            throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(
                    healthy ? 200 : 503, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
