package dev.driftdb.ingest;

import dev.driftdb.schemas.log.Chunker;
import dev.driftdb.schemas.log.TopicNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log's topic, made with the settings that keep every acknowledged commit, or found with them.
 *
 * <p>A topic whose settings would lose committed rows is refused, whoever made it: {@link
 * UnsafeLogTopicException}. What an acknowledgement is worth can be relaxed only by {@link
 * Settings#relaxedDurability()}.
 *
 * @param name the topic's name
 * @param id Kafka's own id of the topic: a topic made anew under the same name has another
 * @param replicationFactor on how many brokers each record is
 * @param durability what an acknowledged commit survives, as a sentence for the start-up log
 */
public record LogTopic(String name, Uuid id, int replicationFactor, String durability) {
    private static final Logger LOG = LoggerFactory.getLogger(LogTopic.class);

    /**
     * The largest record that the topic takes, in bytes: the largest record of a transaction and
     * what Kafka puts around it.
     */
    public static final int MESSAGE_BYTES_MAX = Chunker.LOG_RECORD_BYTES_MAX + 16 * 1024;

    /** A cluster with fewer brokers cannot lose one and still have two copies to write to. */
    private static final int REPLICATION_FACTOR = 3;

    /** How many copies a commit has before it is acknowledged, where there are several brokers. */
    private static final int MIN_INSYNC_REPLICAS = 2;

    private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(30);

    /** How often, and after which pause, a topic just made is looked for on other brokers. */
    private static final int LOOKUP_ATTEMPTS = 50;

    private static final Duration LOOKUP_PAUSE = Duration.ofMillis(100);

    /** Kafka's default of flush.messages: leave it to the operating system. */
    private static final String NEVER_FLUSH = Long.toString(Long.MAX_VALUE);

    /**
     * @param relaxedDurability true lets acknowledged commits be lost: on a single broker with a
     *     power failure, on a cluster with the failure of one broker
     * @param syncedByReplica true if this process has the only broker and syncs the log itself
     *     before it shows or acknowledges anything of it, which costs a third of what the broker's
     *     own flush of each append does
     */
    public record Settings(boolean relaxedDurability, boolean syncedByReplica) {
        public static final Settings DURABLE = new Settings(false, false);
        public static final Settings SYNCED_BY_REPLICA = new Settings(false, true);
        public static final Settings RELAXED = new Settings(true, false);

        private String flushMessages() {
            return relaxedDurability || syncedByReplica ? NEVER_FLUSH : "1";
        }
    }

    /**
     * Makes the log's topic if there is none, and checks the one that is there.
     *
     * @throws UnsafeLogTopicException if the topic has a setting that would lose commits
     * @throws IllegalStateException if the cluster does not answer
     */
    public static LogTopic ensure(Admin admin, TopicNames names, Settings settings) {
        String name = names.log();
        try {
            create(admin, name, settings);
            TopicDescription description = describe(admin, name);
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
            Map<String, String> config = config(admin, resource);
            int replicas = replicationFactor(description);
            check(name, description, config, replicas, settings);
            if (replicas == 1) {
                // On one broker it only says when the next records are synced, and a topic made
                // under the other setting must not keep it silently. Another node, that cannot sync
                // this broker's files, may have set it: then it stays.
                setFlush(admin, resource, config, settings);
            }
            return new LogTopic(
                    name, description.topicId(), replicas, describe(replicas, settings));
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "cannot set up topic \"" + name + "\": " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "the Kafka cluster did not answer within " + ADMIN_TIMEOUT.toSeconds() + " s",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while setting up \"" + name + "\"", e);
        }
    }

    private static void create(Admin admin, String name, Settings settings)
            throws ExecutionException, TimeoutException, InterruptedException {
        if (await(admin.listTopics().names()).contains(name)) {
            return;
        }
        int brokers = await(admin.describeCluster().nodes()).size();
        int replicas = Math.min(brokers, REPLICATION_FACTOR);
        Map<String, String> config = new HashMap<>();
        config.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
        config.put(TopicConfig.RETENTION_MS_CONFIG, "-1");
        config.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
        config.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
        config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MESSAGE_BYTES_MAX));
        config.put(TopicConfig.COMPRESSION_TYPE_CONFIG, "producer");
        config.put(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");
        if (replicas == 1) {
            config.put(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG, settings.flushMessages());
            config.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "1");
        } else {
            config.put(
                    TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                    Integer.toString(settings.relaxedDurability() ? 1 : MIN_INSYNC_REPLICAS));
        }
        try {
            await(
                    admin.createTopics(
                                    List.of(
                                            new NewTopic(name, 1, (short) replicas)
                                                    .configs(config)))
                            .all());
            LOG.info("made topic {} with replication factor {}", name, replicas);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
            // Another node was faster; its topic is checked like any.
        }
    }

    private static TopicDescription describe(Admin admin, String name)
            throws ExecutionException, TimeoutException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            KafkaFuture<TopicDescription> described =
                    Objects.requireNonNull(
                            admin.describeTopics(List.of(name)).topicNameValues().get(name));
            try {
                return await(described);
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
                        || attempt == LOOKUP_ATTEMPTS) {
                    throw e;
                }
                Thread.sleep(LOOKUP_PAUSE);
            }
        }
    }

    private static Map<String, String> config(Admin admin, ConfigResource resource)
            throws ExecutionException, TimeoutException, InterruptedException {
        Config config = await(admin.describeConfigs(List.of(resource)).all()).get(resource);
        Map<String, String> values = new HashMap<>();
        if (config != null) {
            for (ConfigEntry entry : config.entries()) {
                values.put(entry.name(), String.valueOf(entry.value()));
            }
        }
        return values;
    }

    private static int replicationFactor(TopicDescription description) {
        return description.partitions().getFirst().replicas().size();
    }

    /** Throws on the first setting that loses rows; the order is that of the harm done. */
    static void check(
            String name,
            TopicDescription description,
            Map<String, String> config,
            int replicas,
            Settings settings) {
        int partitions = description.partitions().size();
        if (partitions != 1) {
            throw new UnsafeLogTopicException(
                    name, "partitions", Integer.toString(partitions), "1");
        }
        mustBe(name, config, TopicConfig.CLEANUP_POLICY_CONFIG, "delete");
        mustBe(name, config, TopicConfig.RETENTION_MS_CONFIG, "-1");
        mustBe(name, config, TopicConfig.RETENTION_BYTES_CONFIG, "-1");
        mustBe(name, config, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
        mustBe(name, config, TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");
        atLeast(name, config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG, MESSAGE_BYTES_MAX);
        if (replicas > 1 && !settings.relaxedDurability()) {
            atLeast(name, config, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, MIN_INSYNC_REPLICAS);
        }
    }

    private static void mustBe(
            String name, Map<String, String> config, String setting, String wanted) {
        String found = config.getOrDefault(setting, "unknown");
        if (!found.equals(wanted)) {
            throw new UnsafeLogTopicException(name, setting, found, wanted);
        }
    }

    private static void atLeast(
            String name, Map<String, String> config, String setting, int wanted) {
        String found = config.getOrDefault(setting, "unknown");
        if (found.equals("unknown") || Long.parseLong(found) < wanted) {
            throw new UnsafeLogTopicException(name, setting, found, "at least " + wanted);
        }
    }

    private static void setFlush(
            Admin admin, ConfigResource resource, Map<String, String> config, Settings settings)
            throws ExecutionException, TimeoutException, InterruptedException {
        String wanted = settings.flushMessages();
        if (settings.syncedByReplica()
                || wanted.equals(config.get(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG))) {
            return;
        }
        List<AlterConfigOp> change = new ArrayList<>();
        change.add(
                new AlterConfigOp(
                        new ConfigEntry(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG, wanted),
                        AlterConfigOp.OpType.SET));
        await(admin.incrementalAlterConfigs(Map.of(resource, change)).all());
        LOG.info(
                "set {} of topic {} to {}",
                TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG,
                resource.name(),
                wanted);
    }

    private static String describe(int replicas, Settings settings) {
        if (replicas == 1) {
            return settings.relaxedDurability()
                    ? "An acknowledged commit is in the memory of one broker and survives its"
                            + " crash, but NOT a power failure (relaxedDurability)."
                    : "An acknowledged commit is synced to the disk of one broker and survives a"
                            + " power failure, but not the loss of that disk.";
        }
        return settings.relaxedDurability()
                ? "An acknowledged commit may be on one of "
                        + replicas
                        + " brokers only and NOT survive its failure (relaxedDurability)."
                : "An acknowledged commit is on at least "
                        + MIN_INSYNC_REPLICAS
                        + " of "
                        + replicas
                        + " brokers and survives the failure of any one.";
    }

    private static <T> T await(KafkaFuture<T> future)
            throws ExecutionException, TimeoutException, InterruptedException {
        return future.get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }
}
