package dev.driftdb.pgwire.server;

import dev.driftdb.pgwire.codec.FrontendDecoder;
import dev.driftdb.pgwire.message.BackendMessage.AuthenticationOk;
import dev.driftdb.pgwire.message.BackendMessage.BackendKeyData;
import dev.driftdb.pgwire.message.BackendMessage.ErrorResponse;
import dev.driftdb.pgwire.message.BackendMessage.NegotiateProtocolVersion;
import dev.driftdb.pgwire.message.FrontendMessage;
import dev.driftdb.pgwire.message.FrontendMessage.StartupMessage;
import dev.driftdb.pgwire.message.FrontendMessage.Sync;
import dev.driftdb.pgwire.message.FrontendMessage.Terminate;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client after its StartupMessage: a channel handler on the event loop, and the thread of its
 * session. The event loop collects the messages of one read and puts them into the mailbox at once;
 * the thread takes all there are, lets the {@link Conversation} handle them, and flushes once.
 *
 * <p>While the thread waits in the mailbox, the event loop borrows its place for messages of which
 * the session says that they run quickly: a point read then changes no thread, and a short
 * transaction only to hear of its commit. At the first other message the rest goes into the
 * mailbox.
 */
final class PgConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(PgConnection.class);

    /** How long the last answers may take to leave before the channel is closed anyway. */
    private static final int LINGER_MS = 5_000;

    /** Longer batches are not for the event loop, which has other connections to serve. */
    private static final int MESSAGES_HERE_MAX = 64;

    private static final ErrorResponse SHUTDOWN =
            ErrorResponse.of(
                    "FATAL", "57P01", "terminating connection due to administrator command");

    private final PgBackend backend;
    private final int processId;
    private final int secretKey;
    private final StartupMessage startup;
    private final Channel channel;
    private final FrontendDecoder decoder;
    private final Consumer<PgConnection> onEnd;
    private final ChannelSink out;
    private final Mailbox mailbox;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    // Event loop only.
    private List<FrontendMessage> batch = new ArrayList<>();
    private long handedOverBytes;
    private boolean terminateReceived;
    private @Nullable Future<?> idleTimer;

    private volatile @Nullable PgSession session;

    /** Set when the session is ready; used by the thread, or the event loop in its place. */
    private volatile @Nullable Conversation conversation;

    /** The client has vanished: nothing it asked for is wanted any more. */
    private volatile boolean vanished;

    private volatile boolean shuttingDown;

    /** Why the server ends the connection. */
    private volatile ErrorResponse farewell = SHUTDOWN;

    /** How often messages were begun to be handled; only who has the session's place counts. */
    private volatile long turns;

    PgConnection(
            PgBackend backend,
            int processId,
            int secretKey,
            StartupMessage startup,
            Channel channel,
            FrontendDecoder decoder,
            Consumer<PgConnection> onEnd) {
        this.backend = backend;
        this.processId = processId;
        this.secretKey = secretKey;
        this.startup = startup;
        this.channel = channel;
        this.decoder = decoder;
        this.onEnd = onEnd;
        this.out = new ChannelSink(channel);
        this.mailbox =
                new Mailbox(() ->
                        channel.eventLoop().execute(() -> channel.config().setAutoRead(true)));
    }

    int processId() {
        return processId;
    }

    int secretKey() {
        return secretKey;
    }

    Channel channel() {
        return channel;
    }

    /** Completes when the session is closed and its thread ends. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    // ---- Event loop

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        FrontendMessage received = (FrontendMessage) message;
        if (received instanceof Terminate) {
            terminateReceived = true;
            out.farewell();
        }
        batch.add(received);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (batch.isEmpty()) {
            return;
        }
        long decodedBytes = decoder.decodedBytes();
        long bytes = decodedBytes - handedOverBytes;
        handedOverBytes = decodedBytes;
        List<FrontendMessage> received = batch;
        batch = new ArrayList<>();
        Conversation current = conversation;
        if (current != null && received.size() <= MESSAGES_HERE_MAX && mailbox.borrow()) {
            handleHere(current, received, bytes, false);
        } else if (!mailbox.put(received, bytes)) {
            channel.config().setAutoRead(false);
        }
    }

    /**
     * Handles messages in the place of the session's thread, up to the first that does not run
     * quickly. When one has to wait for the log or a lock, the place stays borrowed until then.
     *
     * @param resumed whether the first message has waited: it is finished even by a session that
     *     ends, because what it waited for may have taken effect
     */
    private void handleHere(
            Conversation current, List<FrontendMessage> messages, long bytes, boolean resumed) {
        int handled = 0;
        boolean goesOn = true;
        MustWait wait = null;
        beginTurn();
        try {
            while (goesOn
                    && out.isCaughtUp()
                    && handled < messages.size()
                    && (!isEnding() || (resumed && finishes(messages, handled)))
                    && channel.isWritable()
                    && current.runsQuickly(messages.get(handled))) {
                goesOn = current.handleWithoutWaiting(messages.get(handled));
                handled++;
            }
            if (goesOn && handled == messages.size()) { // else the thread flushes with the rest
                out.flush();
            }
        } catch (MustWait e) {
            wait = e;
        } catch (PgError e) {
            LOG.debug("connection {} ends: {}", processId, e.getMessage());
            goesOn = false;
        }
        List<FrontendMessage> rest =
                handled == 0
                        ? messages
                        : new ArrayList<>(messages.subList(handled, messages.size()));
        if (wait != null && wait.until() != null) {
            goOnAfter(wait.until(), wait.atMost(), () -> handleHere(current, rest, bytes, true));
            return;
        }
        if (!goesOn) {
            mailbox.close(true); // the thread ends the session
        } else if (!rest.isEmpty() && !mailbox.putBack(rest, bytes)) {
            channel.config().setAutoRead(false);
        }
        mailbox.giveBack();
        if (goesOn && rest.isEmpty()) {
            limitIdleTime();
        }
    }

    /**
     * Whether a message belongs to the one before it, of a session that ends: without ReadyForQuery
     * a client does not know what CommandComplete says.
     */
    private static boolean finishes(List<FrontendMessage> messages, int index) {
        return index == 0 || messages.get(index) instanceof Sync;
    }

    /** Once, on the event loop, and not before the present call has ended. */
    private void goOnAfter(
            CompletableFuture<?> until, @Nullable Duration atMost, Runnable continuation) {
        AtomicBoolean due = new AtomicBoolean(true);
        Runnable once =
                () -> {
                    if (due.compareAndSet(true, false)) {
                        continuation.run();
                    }
                };
        Future<?> timer =
                atMost == null
                        ? null
                        : channel.eventLoop()
                                .schedule(once, atMost.toMillis(), TimeUnit.MILLISECONDS);
        var _ =
                until.whenComplete((result, failure) ->
                        channel.eventLoop()
                                .execute(() -> {
                                    if (timer != null) {
                                        timer.cancel(false);
                                    }
                                    once.run();
                                }));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        out.channelChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        // A client that has said goodbye still wants what it sent before; it only does not wait.
        if (!terminateReceived) {
            vanished = true;
        }
        mailbox.close(vanished);
        if (idleTimer != null) {
            idleTimer.cancel(false);
        }
        out.channelChanged();
        if (vanished) {
            cancel();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("connection {} lost: {}", processId, cause.getMessage());
        } else {
            LOG.warn("connection {} ends", processId, cause);
        }
        var closing = ctx.close();
    }

    // ---- Any thread

    /** Interrupts the running statement, if there is one. */
    void cancel() {
        PgSession running = session;
        if (running == null) {
            return;
        }
        try {
            running.cancel();
        } catch (RuntimeException e) {
            LOG.error("cancel of connection {} failed", processId, e);
        }
    }

    /** Ends the session with 57P01, also in the middle of a statement. */
    void shutDown() {
        shutDown(SHUTDOWN);
    }

    private void shutDown(ErrorResponse why) {
        farewell = why;
        shuttingDown = true;
        mailbox.close(true);
        cancel();
    }

    // ---- The session's thread

    void run() {
        try {
            Conversation begun = start();
            if (begun != null) {
                converse(begun);
            }
            if (shuttingDown) {
                out.abandonRow();
                out.send(farewell);
            }
            out.flush();
        } catch (PgError e) {
            LOG.debug("connection {} ends: {}", processId, e.getMessage());
        } catch (Throwable t) {
            LOG.error("connection {} ends", processId, t);
        } finally {
            end();
        }
    }

    /** Null: the session was refused, and the client was told why. */
    private @Nullable Conversation start() {
        negotiate();
        out.send(new AuthenticationOk());
        PgSession started;
        try {
            started =
                    backend.connect(startup.parameters(), channel.remoteAddress(), processId, out);
        } catch (PgError e) {
            out.abandonRow();
            out.send(fatal(e.response()));
            return null;
        } catch (Throwable t) {
            LOG.error("internal error in the start of connection {}", processId, t);
            out.abandonRow();
            out.send(ErrorResponse.of("FATAL", "XX000", "internal error"));
            return null;
        }
        session = started;
        out.send(new BackendKeyData(processId, secretKey));
        Conversation begun = new Conversation(started, out, this::isEnding);
        begun.ready();
        conversation = begun;
        return begun;
    }

    private void negotiate() {
        List<String> unknown =
                startup.parameters().keySet().stream()
                        .filter(name -> name.startsWith(StartupHandler.OPTION_PREFIX))
                        .toList();
        if (startup.minorVersion() > StartupHandler.PROTOCOL_MINOR || !unknown.isEmpty()) {
            out.send(new NegotiateProtocolVersion(StartupHandler.PROTOCOL_MINOR, unknown));
        }
    }

    /** An error before the session exists ends the connection, whatever the engine calls it. */
    private static ErrorResponse fatal(ErrorResponse response) {
        Map<Character, String> fields = new HashMap<>(response.fields());
        fields.put('S', "FATAL");
        fields.put('V', "FATAL");
        return Conversation.completed(new ErrorResponse(fields));
    }

    private void converse(Conversation begun) {
        while (true) {
            List<FrontendMessage> messages = mailbox.take();
            if (messages == null) {
                return;
            }
            beginTurn();
            for (int i = 0; i < messages.size(); i++) {
                boolean goesOn = !isEnding() || (i > 0 && finishes(messages, i));
                if (!goesOn || !begun.handle(messages.get(i))) {
                    return;
                }
            }
            out.flush();
            limitIdleTime();
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time
    private void beginTurn() {
        turns++;
    }

    /** All is answered: from now on the session is idle, which it may be only for a time. */
    private void limitIdleTime() {
        PgSession current = session;
        PgSession.IdleLimit limit = current == null ? null : current.idleLimit();
        if (limit != null) {
            long now = turns;
            channel.eventLoop().execute(() -> endIfIdle(limit, now));
        }
    }

    /** On the event loop; one timer at a time. */
    private void endIfIdle(PgSession.IdleLimit limit, long turn) {
        Future<?> before = idleTimer;
        if (before != null) {
            before.cancel(false);
        }
        idleTimer =
                channel.eventLoop()
                        .schedule(
                                () -> {
                                    if (turns == turn && !isEnding()) {
                                        shutDown(fatal(limit.ending().response()));
                                    }
                                },
                                limit.time().toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    private boolean isEnding() {
        return vanished || shuttingDown;
    }

    private void end() {
        PgSession ending = session;
        session = null;
        try {
            if (ending != null) {
                ending.close();
            }
        } catch (Throwable t) {
            LOG.error("close of the session of connection {} failed", processId, t);
        } finally {
            mailbox.close(true);
            out.release();
            closeChannel();
            onEnd.accept(this);
            ended.complete(null);
        }
    }

    private void closeChannel() {
        if (!channel.isOpen()) {
            return;
        }
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        Runnable cut =
                () -> {
                    var closing = channel.close();
                };
        var linger = channel.eventLoop().schedule(cut, LINGER_MS, TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(closed -> linger.cancel(false));
    }
}
