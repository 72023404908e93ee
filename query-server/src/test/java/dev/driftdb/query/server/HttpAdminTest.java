package dev.driftdb.query.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.driftdb.materializer.progress.Progress;
import dev.driftdb.materializer.progress.ProgressWatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What HTTP says while a node starts. */
@Timeout(30)
class HttpAdminTest {
    private static final InetSocketAddress ADDRESS =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static HttpResponse<String> get(HttpAdmin http, String path)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void health_tells_how_far_a_restore_is() throws Exception {
        ProgressWatch watch = new ProgressWatch();
        try (HttpAdmin http = HttpAdmin.start(ADDRESS, watch)) {
            Progress half =
                    new Progress(
                            "folding the log", "entries", 0, 100, 50, TimeUnit.SECONDS.toNanos(5));
            try (ProgressWatch.Watched _ = watch.watch(() -> half)) {
                HttpResponse<String> health = get(http, "/health");
                assertThat(health.statusCode()).isEqualTo(503);
                assertThat(health.body())
                        .isEqualTo(
                                "{\"status\":\"starting\",\"progress\":[{\"work\":\"folding the"
                                        + " log\",\"percent\":50.0,\"entries_per_second\":10,"
                                        + "\"seconds_left\":5}]}\n");
            }
            assertThat(get(http, "/health").body())
                    .isEqualTo("{\"status\":\"starting\",\"progress\":[]}\n");
        }
    }

    @Test
    void nothing_else_answers_before_the_node_is_ready() throws Exception {
        try (HttpAdmin http = HttpAdmin.start(ADDRESS, new ProgressWatch())) {
            assertThat(get(http, "/metrics").statusCode()).isEqualTo(503);
            assertThat(get(http, "/subjects").statusCode()).isEqualTo(503);
        }
    }
}
