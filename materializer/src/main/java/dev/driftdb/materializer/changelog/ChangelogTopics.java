package dev.driftdb.materializer.changelog;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;

/** Makes the changelog topic of a table when its first change is published. */
final class ChangelogTopics {
    private static final int REPLICATION_FACTOR = 3;

    /** A record holds a row twice, each as large as a record of the log. */
    private static final int MESSAGE_BYTES_MAX = 20 * 1024 * 1024;

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private ChangelogTopics() {}

    static int messageBytesMax() {
        return MESSAGE_BYTES_MAX;
    }

    /** How long records are kept is the broker's default, or what somebody set the topic to. */
    static void ensure(Admin admin, String name, int partitions) {
        try {
            Set<String> existing = await(admin.listTopics().names());
            if (existing.contains(name)) {
                return;
            }
            int replicas =
                    Math.min(await(admin.describeCluster().nodes()).size(), REPLICATION_FACTOR);
            await(
                    admin.createTopics(
                                    List.of(
                                            new NewTopic(name, partitions, (short) replicas)
                                                    .configs(
                                                            Map.of(
                                                                    "max.message.bytes",
                                                                    Integer.toString(
                                                                            MESSAGE_BYTES_MAX)))))
                            .all());
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new IllegalStateException(
                        "cannot make topic \"" + name + "\": " + e.getCause(), e.getCause());
            }
        } catch (TimeoutException e) {
            throw new IllegalStateException("the Kafka cluster does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while making \"" + name + "\"", e);
        }
    }

    private static <T> T await(KafkaFuture<T> future)
            throws ExecutionException, TimeoutException, InterruptedException {
        return future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }
}
