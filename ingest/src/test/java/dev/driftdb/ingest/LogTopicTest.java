package dev.driftdb.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.schemas.log.TopicNames;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogTopicTest {
    @Test
    void on_one_broker_the_topic_is_synced_before_each_acknowledgement_and_kept_for_ever()
            throws Exception {
        TopicNames names = SharedBroker.freshNames();
        LogTopic topic = LogTopic.ensure(SharedBroker.admin(), names, LogTopic.Settings.DURABLE);
        assertThat(topic.name()).isEqualTo("driftdb." + names.database() + ".log");
        assertThat(topic.durability()).contains("survives a power failure");
        assertThat(config(topic.name()))
                .containsEntry("flush.messages", "1")
                .containsEntry("cleanup.policy", "delete")
                .containsEntry("retention.ms", "-1")
                .containsEntry("retention.bytes", "-1")
                .containsEntry("message.timestamp.type", "LogAppendTime");
        assertThat(LogTopic.ensure(SharedBroker.admin(), names, LogTopic.Settings.DURABLE))
                .isEqualTo(topic);
    }

    @Test
    void durability_is_relaxed_only_by_name_and_comes_back_without_it() throws Exception {
        TopicNames names = SharedBroker.freshNames();
        LogTopic topic = LogTopic.ensure(SharedBroker.admin(), names, LogTopic.Settings.RELAXED);
        assertThat(topic.durability()).contains("NOT a power failure");
        assertThat(config(topic.name()))
                .containsEntry("flush.messages", Long.toString(Long.MAX_VALUE));
        LogTopic.ensure(SharedBroker.admin(), names, LogTopic.Settings.DURABLE);
        assertThat(config(topic.name())).containsEntry("flush.messages", "1");
    }

    @Test
    void the_broker_need_not_sync_for_the_process_that_does_until_another_node_asks_for_it()
            throws Exception {
        TopicNames names = SharedBroker.freshNames();
        LogTopic.Settings own = LogTopic.Settings.SYNCED_BY_REPLICA;
        LogTopic topic = LogTopic.ensure(SharedBroker.admin(), names, own);
        assertThat(topic.durability()).contains("survives a power failure");
        assertThat(config(topic.name()))
                .containsEntry("flush.messages", Long.toString(Long.MAX_VALUE));
        LogTopic.ensure(SharedBroker.admin(), names, LogTopic.Settings.DURABLE);
        LogTopic.ensure(SharedBroker.admin(), names, own);
        assertThat(config(topic.name())).containsEntry("flush.messages", "1");
    }

    @Test
    void an_existing_topic_that_forgets_is_refused_with_setting_found_and_wanted()
            throws Exception {
        TopicNames names = SharedBroker.freshNames();
        SharedBroker.admin()
                .createTopics(List.of(new NewTopic(names.log(), 1, (short) 1)))
                .all()
                .get();
        assertThatThrownBy(() ->
                        LogTopic.ensure(SharedBroker.admin(), names, LogTopic.Settings.RELAXED))
                .isInstanceOfSatisfying(
                        UnsafeLogTopicException.class,
                        e -> {
                            assertThat(e.setting()).isEqualTo("retention.ms");
                            assertThat(e.found()).isEqualTo("604800000");
                            assertThat(e.wanted()).isEqualTo("-1");
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "cleanup.policy, compact",
        "cleanup.policy, 'compact,delete'",
        "retention.ms, 1000",
        "retention.bytes, 1000",
        "message.timestamp.type, CreateTime",
        "unclean.leader.election.enable, true",
        "max.message.bytes, 1048588",
        "min.insync.replicas, 1"
    })
    void every_setting_that_loses_commits_is_refused(String setting, String value) {
        Map<String, String> config = safeConfig();
        LogTopic.check("log", topic(1, 3), config, 3, LogTopic.Settings.DURABLE);
        config.put(setting, value);
        assertThatThrownBy(() ->
                        LogTopic.check("log", topic(1, 3), config, 3, LogTopic.Settings.DURABLE))
                .isInstanceOfSatisfying(
                        UnsafeLogTopicException.class,
                        e -> {
                            assertThat(e.setting()).isEqualTo(setting);
                            assertThat(e.found()).isEqualTo(value);
                        });
    }

    @Test
    void a_log_of_several_partitions_has_no_order_and_is_refused() {
        assertThatThrownBy(() ->
                        LogTopic.check(
                                "log", topic(2, 3), safeConfig(), 3, LogTopic.Settings.RELAXED))
                .hasMessageContaining("partitions is 2, but must be 1");
    }

    private static Map<String, String> safeConfig() {
        Map<String, String> config = new HashMap<>();
        config.put("cleanup.policy", "delete");
        config.put("retention.ms", "-1");
        config.put("retention.bytes", "-1");
        config.put("message.timestamp.type", "LogAppendTime");
        config.put("unclean.leader.election.enable", "false");
        config.put("max.message.bytes", Integer.toString(LogTopic.MESSAGE_BYTES_MAX));
        config.put("min.insync.replicas", "2");
        return config;
    }

    private static TopicDescription topic(int partitions, int replicas) {
        List<Node> nodes =
                IntStream.range(0, replicas).mapToObj(id -> new Node(id, "host", 9092)).toList();
        return new TopicDescription(
                "log",
                false,
                IntStream.range(0, partitions)
                        .mapToObj(p -> new TopicPartitionInfo(p, nodes.getFirst(), nodes, nodes))
                        .toList());
    }

    private static Map<String, String> config(String topic) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Map<String, String> values = new HashMap<>();
        Config config =
                SharedBroker.admin().describeConfigs(List.of(resource)).all().get().get(resource);
        Objects.requireNonNull(config)
                .entries()
                .forEach(entry -> values.put(entry.name(), entry.value()));
        return values;
    }
}
