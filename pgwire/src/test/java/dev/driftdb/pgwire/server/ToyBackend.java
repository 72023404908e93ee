package dev.driftdb.pgwire.server;

import dev.driftdb.pgwire.message.BackendMessage.BindComplete;
import dev.driftdb.pgwire.message.BackendMessage.CloseComplete;
import dev.driftdb.pgwire.message.BackendMessage.CommandComplete;
import dev.driftdb.pgwire.message.BackendMessage.CopyInResponse;
import dev.driftdb.pgwire.message.BackendMessage.EmptyQueryResponse;
import dev.driftdb.pgwire.message.BackendMessage.Field;
import dev.driftdb.pgwire.message.BackendMessage.NoData;
import dev.driftdb.pgwire.message.BackendMessage.ParameterDescription;
import dev.driftdb.pgwire.message.BackendMessage.ParameterStatus;
import dev.driftdb.pgwire.message.BackendMessage.ParseComplete;
import dev.driftdb.pgwire.message.BackendMessage.RowDescription;
import dev.driftdb.pgwire.message.FrontendMessage;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An engine with a language of single words: {@code rows N}, {@code length …}, {@code begin},
 * {@code copy}, {@code wait}, {@code notify}, {@code later} (answers when its gate is open), {@code
 * thread} (needs a thread that may wait), and the ways to fail: {@code fail}, {@code fatal}, {@code
 * half}, {@code boom}, {@code deep}, {@code memory}.
 */
final class ToyBackend implements PgBackend {
    /** In the order of connecting. */
    final LinkedBlockingQueue<ToySession> sessions = new LinkedBlockingQueue<>();

    private final boolean quick;

    /** {@code quick}: point reads run on the event loop. */
    ToyBackend(boolean quick) {
        this.quick = quick;
    }

    @Override
    public PgSession connect(
            Map<String, String> parameters, SocketAddress client, int processId, PgSink out) {
        switch (parameters.getOrDefault("database", "")) {
            case "missing" -> throw PgError.error("3D000", "database \"missing\" does not exist");
            case "broken" -> throw new IllegalStateException("secret");
            default -> {}
        }
        out.send(new ParameterStatus("server_encoding", "UTF8"));
        ToySession session = new ToySession(quick);
        sessions.add(session);
        return session;
    }

    static final class ToySession implements PgSession {
        final AtomicInteger closeCount = new AtomicInteger();
        final CountDownLatch closed = new CountDownLatch(1);
        final CountDownLatch waiting = new CountDownLatch(1);
        final Semaphore cancels = new Semaphore(0);
        final CompletableFuture<Void> gate = new CompletableFuture<>();
        final AtomicInteger tries = new AtomicInteger();
        final AtomicInteger suspensions = new AtomicInteger();
        private boolean mayWait = true;
        final AtomicInteger failedCount = new AtomicInteger();
        private final Map<String, String> statements = new HashMap<>();
        private final Map<String, String> portals = new HashMap<>();
        private final Deque<String> rest = new ArrayDeque<>();
        private final boolean quick;
        private char status = 'I';
        private boolean copying;
        private int chunks;

        private ToySession(boolean quick) {
            this.quick = quick;
        }

        @Override
        public void query(String sql, PgSink out) {
            rest.clear();
            rest.addAll(Arrays.asList(sql.split(";", -1)));
            runRest(out);
        }

        private void runRest(PgSink out) {
            while (!rest.isEmpty() && !copying) {
                run(rest.removeFirst().strip(), true, out);
            }
        }

        private void run(String sql, boolean describe, PgSink out) {
            String[] words = sql.split(" ", 2);
            switch (words[0]) {
                case "" -> out.send(new EmptyQueryResponse());
                case "rows" -> {
                    long count = number(words.length < 2 ? "" : words[1]);
                    if (describe) {
                        out.send(ROW);
                    }
                    for (long i = 1; i <= count; i++) {
                        PgSink.RowWriter row = out.beginRow(1);
                        row.textLong(i);
                        out.endRow();
                    }
                    out.send(new CommandComplete("SELECT " + count));
                }
                case "length" -> out.send(new CommandComplete("LENGTH " + sql.length()));
                case "begin" -> {
                    status = 'T';
                    out.send(new CommandComplete("BEGIN"));
                }
                case "copy" -> {
                    copying = true;
                    chunks = 0;
                    out.send(new CopyInResponse(false, 1));
                }
                case "wait" -> {
                    waiting.countDown();
                    cancels.acquireUninterruptibly();
                    throw PgError.error("57014", "canceling statement due to user request");
                }
                case "notify" -> {
                    out.send(new CommandComplete("NOTIFY"));
                    out.flush();
                    waiting.countDown();
                    cancels.acquireUninterruptibly();
                }
                case "later" -> {
                    if (!mayWait && !gate.isDone()) {
                        suspensions.incrementAndGet();
                        tries.incrementAndGet();
                        throw MustWait.until(gate);
                    }
                    tries.incrementAndGet();
                    out.send(new CommandComplete(mayWait ? "LATER on a thread" : "LATER"));
                }
                case "thread" -> {
                    tries.incrementAndGet();
                    if (!mayWait) {
                        throw MustWait.onThread();
                    }
                    out.send(new CommandComplete("THREAD"));
                }
                case "wide" -> out.beginRow(1665);
                case "half" -> {
                    out.beginRow(2).textLong(1);
                    throw PgError.error("22012", "division by zero");
                }
                case "fail" -> throw PgError.error("42P01", "no such table");
                case "fatal" -> throw PgError.fatal("57P05", "idle too long");
                case "boom" -> throw new IllegalStateException("secret");
                case "deep" -> out.send(new CommandComplete("DEEP " + deep(0)));
                case "memory" -> throw new OutOfMemoryError("pretended");
                default -> throw PgError.error("42601", "syntax error");
            }
        }

        private static long number(String text) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw PgError.error("22P02", "not a number");
            }
        }

        private static final RowDescription ROW =
                new RowDescription(
                        List.of(new Field("n", 0, (short) 0, 20, (short) 8, -1, (short) 0)));

        @SuppressWarnings("InfiniteRecursion") // that is what it is for
        private static long deep(long level) {
            return deep(level + 1) + 1;
        }

        @Override
        public void parse(String statement, String sql, int[] parameterTypes, PgSink out) {
            if (sql.equals("bad")) {
                throw PgError.error("42601", "syntax error");
            }
            statements.put(statement, sql);
            out.send(new ParseComplete());
        }

        @Override
        public void bind(
                String portal,
                String statement,
                short[] parameterFormats,
                List<byte @Nullable []> parameters,
                short[] resultFormats,
                PgSink out) {
            portals.put(portal, found(statements, statement));
            out.send(new BindComplete());
        }

        private static String found(Map<String, String> map, String name) {
            String found = map.get(name);
            if (found == null) {
                throw PgError.error("26000", "no such statement or portal");
            }
            return found;
        }

        @Override
        public void describeStatement(String statement, PgSink out) {
            out.send(new ParameterDescription(List.of()));
            describe(found(statements, statement), out);
        }

        @Override
        public void describePortal(String portal, PgSink out) {
            describe(found(portals, portal), out);
        }

        private static void describe(String sql, PgSink out) {
            out.send(sql.startsWith("rows") ? ROW : new NoData());
        }

        @Override
        public void execute(String portal, int rowsMax, PgSink out) {
            run(found(portals, portal), false, out);
        }

        @Override
        public void closeStatement(String statement, PgSink out) {
            statements.remove(statement);
            out.send(new CloseComplete());
        }

        @Override
        public void closePortal(String portal, PgSink out) {
            portals.remove(portal);
            out.send(new CloseComplete());
        }

        @Override
        public void sync(PgSink out) {
            portals.clear();
        }

        @Override
        public void failed() {
            failedCount.incrementAndGet();
            copying = false;
            if (status == 'T') {
                status = 'E';
            }
        }

        @Override
        public void copyData(byte[] data, PgSink out) {
            if (new String(data, StandardCharsets.UTF_8).contains("bad")) {
                throw PgError.error("22P02", "invalid input");
            }
            chunks++;
        }

        @Override
        public void copyDone(PgSink out) {
            copying = false;
            out.send(new CommandComplete("COPY " + chunks));
            runRest(out);
        }

        @Override
        public void copyFail(String reason, PgSink out) {
            copying = false;
            throw PgError.error("57014", "COPY from stdin failed: " + reason);
        }

        @Override
        public boolean isCopyingIn() {
            return copying;
        }

        @Override
        public char transactionStatus() {
            return status;
        }

        @Override
        public boolean runsQuickly(FrontendMessage message) {
            return quick
                    && switch (message) {
                        case FrontendMessage.Bind m -> true;
                        case FrontendMessage.Sync m -> true;
                        case FrontendMessage.Query m ->
                                List.of("boom", "later", "thread").contains(m.sql());
                        case FrontendMessage.Execute m -> {
                            String sql = portals.getOrDefault(m.portal(), "");
                            yield sql.equals("rows 1") || sql.equals("fail") || sql.equals("fatal");
                        }
                        default -> false;
                    };
        }

        @Override
        public void mayWait(boolean allowed) {
            mayWait = allowed;
        }

        @Override
        public void cancel() {
            gate.complete(null);
            cancels.release();
        }

        @Override
        public void close() {
            closeCount.incrementAndGet();
            closed.countDown();
        }
    }
}
