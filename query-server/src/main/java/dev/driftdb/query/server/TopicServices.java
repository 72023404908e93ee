package dev.driftdb.query.server;

import dev.driftdb.ingest.SchemaRegistryTopic;
import dev.driftdb.ingest.events.IngestService;
import dev.driftdb.materializer.changelog.ChangelogPublisher;
import dev.driftdb.query.ingest.EventTransactions;
import dev.driftdb.query.ingest.IngestTables;
import dev.driftdb.query.session.Database;
import dev.driftdb.schemas.avro.SchemaRegistry;
import dev.driftdb.schemas.log.TopicNames;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's part in the topics around the log: schema registry, changelog publisher, ingest. Opened
 * in the background, because sessions need none of it; what cannot be opened is tried again. No
 * failure here ends the node. Safe for any thread.
 */
final class TopicServices implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicServices.class);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(2);

    /** How long stopping waits for an opening that is on its way. */
    private static final Duration OPENING_MAX = Duration.ofSeconds(5);

    private final TopicNames names;
    private final Map<String, Object> clientProperties;
    private final String nodeId;
    private final Database database;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread opener;
    private volatile @Nullable Opened opened;
    private volatile @Nullable String failure;

    private record Opened(
            Admin admin,
            SchemaRegistryTopic registry,
            ChangelogPublisher publisher,
            EventTransactions transactions,
            IngestService ingest) {
        void close() {
            ingest.close();
            transactions.close();
            publisher.close();
            registry.close();
            admin.close();
        }
    }

    /**
     * @param nodeId the node's name in the groups, the same after a restart
     */
    TopicServices(
            TopicNames names,
            Map<String, Object> clientProperties,
            String nodeId,
            Database database) {
        this.names = names;
        this.clientProperties = clientProperties;
        this.nodeId = nodeId;
        this.database = database;
        this.opener = Thread.ofPlatform().name("driftdb-topics").start(this::run);
    }

    private void run() {
        try {
            while (stopped.getCount() > 0 && opened == null) {
                try {
                    opened = open();
                    failure = null;
                } catch (RuntimeException e) {
                    failure = e.toString();
                    LOG.warn("the topics around the log cannot be opened now: {}", failure, e);
                    boolean stop =
                            stopped.await(PAUSE_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS);
                    LOG.debug("tries again: {}", !stop);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("interrupted while opening", e);
        }
    }

    private Opened open() {
        Admin admin = Admin.create(clientProperties);
        SchemaRegistryTopic registry = null;
        ChangelogPublisher publisher = null;
        EventTransactions transactions = null;
        try {
            registry = new SchemaRegistryTopic(admin, names, clientProperties);
            publisher =
                    new ChangelogPublisher(
                            nodeId, names, admin, clientProperties, database.replica(), registry);
            transactions = new EventTransactions(database);
            IngestService ingest =
                    new IngestService(
                            nodeId,
                            names,
                            admin,
                            clientProperties,
                            database.log(),
                            registry,
                            new IngestTables(names, database.replica(), registry),
                            transactions,
                            transactions);
            return new Opened(admin, registry, publisher, transactions, ingest);
        } catch (RuntimeException e) {
            if (transactions != null) {
                transactions.close();
            }
            if (publisher != null) {
                publisher.close();
            }
            if (registry != null) {
                registry.close();
            }
            admin.close();
            throw e;
        }
    }

    TopicNames names() {
        return names;
    }

    /** Null while it is not open yet. */
    @Nullable SchemaRegistry registry() {
        Opened now = opened;
        return now == null ? null : now.registry();
    }

    /**
     * The last offset of the log that this node has published; -1 while it is not the active one.
     */
    long publishedOffset() {
        Opened now = opened;
        return now == null ? -1 : now.publisher().publishedOffset();
    }

    /** Why the changelog does not go on; null while it does. */
    @Nullable String changelogFailure() {
        Opened now = opened;
        return now == null ? failure : now.publisher().failure();
    }

    /** Why events are not applied; null while they are. */
    @Nullable String ingestFailure() {
        Opened now = opened;
        return now == null ? failure : now.ingest().failure();
    }

    /** Stops after the events that are on their way. */
    @Override
    public void close() {
        stopped.countDown();
        try {
            if (!opener.join(OPENING_MAX)) {
                opener.interrupt();
                opener.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            opener.interrupt();
        }
        Opened last = opened;
        if (last != null) {
            last.close();
        }
    }
}
