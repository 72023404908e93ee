package dev.driftdb.tests.support;

import dev.driftdb.ingest.broker.EmbeddedKafka;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A Kafka broker alone: {@code DIRECTORY PORT [NAME=VALUE …]}. */
final class BrokerProgram {
    private BrokerProgram() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> settings = new HashMap<>();
        for (int i = 2; i < arguments.length; i++) {
            int equals = arguments[i].indexOf('=');
            settings.put(arguments[i].substring(0, equals), arguments[i].substring(equals + 1));
        }
        CountDownLatch ended = new CountDownLatch(1);
        EmbeddedKafka broker =
                new EmbeddedKafka(
                        Path.of(arguments[0]),
                        Integer.parseInt(arguments[1]),
                        (what, cause) -> {
                            System.out.println("the broker has failed: " + what);
                            ended.countDown();
                        },
                        settings);
        broker.start();
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "stop"));
        System.out.println("broker on port " + broker.port());
        ended.await();
        System.exit(1);
    }
}
