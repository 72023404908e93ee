package dev.driftdb.ingest;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Makes the topics around the log. Their replication is the log's: three where there are three. */
public final class Topics {
    private static final int REPLICATION_FACTOR = 3;
    private static final int LOOKUP_ATTEMPTS = 100;
    private static final Duration LOOKUP_PAUSE = Duration.ofMillis(50);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private Topics() {}

    /**
     * Makes a topic unless it is there, and waits until it is known. An existing one stays as it
     * is.
     *
     * @return Kafka's id of the topic; another one after it was deleted and made anew
     * @throws IllegalStateException if the cluster does not answer or refuses
     */
    public static Uuid ensure(
            Admin admin, String name, int partitions, Map<String, String> config) {
        try {
            Uuid existing = find(admin, name);
            if (existing != null) {
                return existing;
            }
            int brokers = await(admin.describeCluster().nodes()).size();
            int replicas = Math.min(brokers, REPLICATION_FACTOR);
            Map<String, String> settings = new HashMap<>(config);
            if (replicas > 1) {
                settings.put("min.insync.replicas", "2");
            }
            NewTopic topic = new NewTopic(name, partitions, (short) replicas).configs(settings);
            try {
                await(admin.createTopics(List.of(topic)).all());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
            for (int attempt = 0; attempt < LOOKUP_ATTEMPTS; attempt++) {
                Uuid made = find(admin, name);
                if (made != null) {
                    return made;
                }
                Thread.sleep(LOOKUP_PAUSE);
            }
            throw new IllegalStateException("topic \"" + name + "\" was made but is not found");
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "cannot make topic \"" + name + "\": " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("the Kafka cluster does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while making \"" + name + "\"", e);
        }
    }

    private static @Nullable Uuid find(Admin admin, String name)
            throws ExecutionException, TimeoutException, InterruptedException {
        KafkaFuture<TopicDescription> described =
                Objects.requireNonNull(
                        admin.describeTopics(List.of(name)).topicNameValues().get(name));
        try {
            return await(described).topicId();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return null;
            }
            throw e;
        }
    }

    private static <T> T await(KafkaFuture<T> future)
            throws ExecutionException, TimeoutException, InterruptedException {
        return future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }
}
