package dev.driftdb.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A DriftDB node as {@code ./driftdb start} runs it: a process of its own, embedded Kafka, default
 * settings, free ports. Used by the main thread.
 *
 * @param bootstrapServers of its Kafka
 * @param secondsToReady from the start of the command to the answer to {@code SELECT 1}
 */
record DriftNode(
        ChildProcess process, Endpoint endpoint, String bootstrapServers, double secondsToReady)
        implements AutoCloseable {

    /**
     * @param command the {@code driftdb} command
     * @param dataDirectory its data, new or from an earlier start
     * @param log takes what the node prints
     */
    static DriftNode start(Path command, Path dataDirectory, Path log)
            throws IOException, InterruptedException {
        Endpoint endpoint = new Endpoint("DriftDB", FreePort.find(), Endpoint.DATABASE);
        int kafkaPort = FreePort.find();
        ChildProcess process =
                ChildProcess.start(
                        "DriftDB",
                        List.of(
                                command.toString(),
                                "start",
                                "--data-dir",
                                dataDirectory.toString(),
                                "--database",
                                Endpoint.DATABASE,
                                "--port",
                                Integer.toString(endpoint.port()),
                                "--http-port",
                                "0",
                                "--kafka-port",
                                Integer.toString(kafkaPort)),
                        log);
        try {
            double seconds = process.awaitAnswer(endpoint);
            return new DriftNode(process, endpoint, Endpoint.HOST + ":" + kafkaPort, seconds);
        } catch (RuntimeException | InterruptedException e) {
            process.close();
            throw e;
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
