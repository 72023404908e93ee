package dev.driftdb.schemas.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.driftdb.schemas.error.SqlException;
import org.junit.jupiter.api.Test;

class TopicNamesTest {
    private final TopicNames names = new TopicNames("shop");

    @Test
    void plain_names_stand_in_the_topic_as_they_are() {
        assertThat(names.log()).isEqualTo("driftdb.shop.log");
        assertThat(names.events("public", "order_items"))
                .isEqualTo("driftdb.shop.public.order_items.events");
        assertThat(names.changelog("public", "Orders"))
                .isEqualTo("driftdb.shop.public.Orders.changelog");
    }

    @Test
    void names_that_kafka_does_not_allow_are_escaped_and_come_back() {
        for (String name : new String[] {"my table", "a.b", "a-b", "grün", "-20", "x-2", "💡"}) {
            String topic = names.events(name, name);
            assertThat(topic).matches("[a-zA-Z0-9._-]+");
            assertThat(names.tableOfEvents(topic)).isEqualTo(new TopicNames.TableName(name, name));
        }
        assertThat(names.events("a.b", "c")).isNotEqualTo(names.events("a", "b.c"));
    }

    @Test
    void topics_of_others_are_no_events() {
        assertThat(names.tableOfEvents("driftdb.shop.log")).isNull();
        assertThat(names.tableOfEvents("driftdb.shop.events")).isNull();
        assertThat(names.tableOfEvents("driftdb.shop.public.t.changelog")).isNull();
        assertThat(names.tableOfEvents("driftdb.other.public.t.events")).isNull();
        assertThat(names.tableOfEvents("driftdb.shop.a.b.c.events")).isNull();
        assertThat(names.tableOfEvents("driftdb.shop.a.b-zz.events")).isNull();
    }

    @Test
    void a_name_longer_than_kafka_takes_is_refused() {
        assertThatThrownBy(() -> names.events("é".repeat(63), "t".repeat(63)))
                .isInstanceOf(SqlException.class);
    }
}
