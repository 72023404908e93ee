package dev.driftdb.ingest.events;

import dev.driftdb.ingest.CommitLog;
import dev.driftdb.ingest.CommitLog.OutcomeUnknownException;
import dev.driftdb.schemas.avro.AvroWire;
import dev.driftdb.schemas.avro.SchemaRegistry;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.log.Chunker;
import dev.driftdb.schemas.log.LogRecord.SourcePosition;
import dev.driftdb.schemas.log.LogRecord.TransactionEntry;
import dev.driftdb.schemas.log.Outcome;
import dev.driftdb.schemas.log.TopicNames.TableName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes single events to their end. Owned by the thread of {@link IngestService}. */
final class EventApplier {
    private static final Logger LOG = LoggerFactory.getLogger(EventApplier.class);

    /** How often an event is made anew after losing a race, until it is a dead letter. */
    static final int ATTEMPTS_MAX = 16;

    /** How long an entry in the log may take to be applied here before all is tried again. */
    private static final Duration OUTCOME_TIMEOUT = Duration.ofSeconds(60);

    private final CommitLog log;
    private final EventToTransaction converter;
    private final OutcomeSource outcomes;
    private final SchemaRegistry registry;
    private final DeadLetters deadLetters;

    EventApplier(
            CommitLog log,
            EventToTransaction converter,
            OutcomeSource outcomes,
            SchemaRegistry registry,
            DeadLetters deadLetters) {
        this.log = log;
        this.converter = converter;
        this.outcomes = outcomes;
        this.registry = registry;
        this.deadLetters = deadLetters;
    }

    /** No event can be applied at this moment. */
    private static final class NotNowException extends IllegalStateException {
        private static final long serialVersionUID = 1;

        NotNowException(SqlException cause) {
            super("events cannot be applied now: " + cause.getMessage(), cause);
        }
    }

    /** An event on its way. */
    final class Event {
        private final TableName table;
        private final SourcePosition source;
        private final ConsumerRecord<byte[], byte[]> record;
        private int attempt;
        private @Nullable UUID transactionId;
        private @Nullable CompletableFuture<CommitLog.Appended> appended;
        private @Nullable CompletableFuture<Outcome> outcome;

        Event(TableName table, SourcePosition source, ConsumerRecord<byte[], byte[]> record) {
            this.table = table;
            this.source = source;
            this.record = record;
        }

        long offset() {
            return record.offset();
        }

        /** Appends the event's entry without waiting; true if the event is at its end already. */
        boolean start() throws InterruptedException {
            UUID id = transactionId(source, attempt++);
            EventToTransaction.Result result;
            try {
                result = convert(id);
            } catch (SqlException e) {
                bury(e.state(), String.valueOf(e.getMessage()));
                return true;
            }
            return switch (result) {
                case EventToTransaction.Result.Nothing _ -> true;
                case EventToTransaction.Result.Refused refused -> {
                    deadLetters.put(record, table, refused.sqlState(), refused.reason());
                    yield true;
                }
                case EventToTransaction.Result.Entry entry -> {
                    append(id, entry.entry());
                    yield false;
                }
            };
        }

        private void append(UUID id, TransactionEntry entry) {
            transactionId = id;
            outcome = outcomes.outcomeOf(id);
            try {
                appended = log.append(Chunker.split(entry));
            } catch (SqlException e) { // one row is too large for any record
                appended = CompletableFuture.failedFuture(e);
            }
        }

        /** Waits for the outcome; true if the event is at its end, false to start it again. */
        boolean finish() throws InterruptedException {
            CompletableFuture<CommitLog.Appended> sent = appended;
            CompletableFuture<Outcome> result = outcome;
            UUID id = transactionId;
            if (sent == null || result == null || id == null) {
                throw new IllegalStateException("the event was not started");
            }
            try {
                sent.get();
                return isEnd(result.get(OUTCOME_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
            } catch (ExecutionException e) {
                if (e.getCause() instanceof SqlException refused) {
                    if (refused.state() == SqlState.PROGRAM_LIMIT_EXCEEDED) {
                        bury(refused.state(), String.valueOf(refused.getMessage()));
                        return true;
                    }
                    throw new IllegalStateException("the log takes no events now", refused);
                } else if (e.getCause() instanceof OutcomeUnknownException unknown) {
                    // Again from the start: if the entry is in the log after all, the log drops
                    // the second one, because its source position is not new.
                    throw new IllegalStateException("the log does not answer", unknown);
                }
                throw new IllegalStateException("the outcome of an event failed", e.getCause());
            } catch (TimeoutException e) {
                throw new IllegalStateException("an event is not applied here in time", e);
            } finally {
                outcomes.forget(id);
            }
        }

        /** Nobody will wait for this attempt. */
        void abandon() {
            UUID id = transactionId;
            if (id != null) {
                outcomes.forget(id);
            }
        }

        private boolean isEnd(Outcome result) throws InterruptedException {
            return switch (result) {
                case Outcome.Committed _ -> true;
                case Outcome.Rejected rejected -> {
                    if (rejected.failed() == null) {
                        yield true; // applied before; this is the repetition
                    }
                    if (attempt < ATTEMPTS_MAX) {
                        yield false;
                    }
                    bury(
                            SqlState.SERIALIZATION_FAILURE,
                            "lost against other writers " + attempt + " times");
                    yield true;
                }
            };
        }

        private EventToTransaction.Result convert(UUID id) {
            GenericRecord value = AvroWire.decode(record.value(), registry);
            // With a value the key is the producer's own affair, and need not be Avro.
            GenericRecord key = value == null ? AvroWire.decode(record.key(), registry) : null;
            if (value == null && key == null) {
                throw new SqlException(
                        SqlState.NULL_VALUE_NOT_ALLOWED, "the event has neither key nor value");
            }
            try {
                return converter.convert(table.schema(), table.table(), id, source, key, value);
            } catch (SqlException e) {
                if (isPassing(e.state())) {
                    throw new NotNowException(e);
                }
                throw e;
            } catch (RuntimeException e) {
                LOG.error("event {}-{}@{}", source.topic(), source.partition(), offset(), e);
                throw new SqlException(SqlState.INTERNAL_ERROR, "internal error: " + e);
            }
        }

        /** Not the event's fault: connection, rollback, resources, shutdown, system. */
        private static boolean isPassing(SqlState state) {
            return switch (state.code().substring(0, 2)) {
                case "08", "40", "53", "57", "58" -> true;
                default -> false;
            };
        }

        private void bury(SqlState state, String reason) throws InterruptedException {
            deadLetters.put(record, table, state.code(), reason);
        }
    }

    /** The same for the same attempt at the same event, on every node and after a restart. */
    static UUID transactionId(SourcePosition source, int attempt) {
        String name =
                source.topic() + "/" + source.partition() + "/" + source.offset() + "/" + attempt;
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
    }
}
