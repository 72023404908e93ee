package dev.driftdb.pgwire.server;

import dev.driftdb.pgwire.codec.FrontendDecoder;
import dev.driftdb.pgwire.codec.StartupDecoder;
import dev.driftdb.pgwire.message.BackendMessage.ErrorResponse;
import dev.driftdb.pgwire.message.FrontendMessage.CancelRequest;
import dev.driftdb.pgwire.message.FrontendMessage.StartupMessage;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for PostgreSQL clients and gives each a session of a {@link PgBackend}. Safe for any
 * thread.
 */
public final class PgServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PgServer.class);

    /** Sockets that may be open beyond the sessions: in start-up, or with a cancel request. */
    private static final int SOCKETS_IN_STARTUP_MAX = 1_000;

    private static final int LAST_ANSWER_MS = 500;

    private static final int BACKLOG = 1_024;

    /** Answers that the kernel has not taken yet: above the high mark the session waits. */
    private static final WriteBufferWaterMark UNSENT_BYTES =
            new WriteBufferWaterMark(128 << 10, 512 << 10);

    private final PgBackend backend;
    private final PgServerSettings settings;
    private final EventLoopGroup loops;
    private final Channel listener;
    private final ChannelGroup sockets = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Map<Integer, PgConnection> connections = new ConcurrentHashMap<>();
    private final AtomicInteger sessionCount = new AtomicInteger();
    private final AtomicInteger nextProcessId = new AtomicInteger(1);
    private final SecureRandom random = new SecureRandom();
    private volatile boolean closing;

    private PgServer(InetSocketAddress address, PgServerSettings settings, PgBackend backend)
            throws IOException {
        this.backend = backend;
        this.settings = settings;
        boolean epoll = Epoll.isAvailable();
        this.loops =
                new MultiThreadIoEventLoopGroup(
                        settings.eventLoops(),
                        new DefaultThreadFactory("pg-loop"),
                        epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        Class<? extends ServerChannel> type =
                epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(type)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT_BYTES)
                        .childHandler(new Accepted())
                        .bind(address)
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            throw new IOException("cannot listen on " + address, bound.cause());
        }
        this.listener = bound.channel();
        LOG.info("listening on {} with {}", listener.localAddress(), epoll ? "epoll" : "java.nio");
    }

    /**
     * Listens from now on.
     *
     * @param address port 0: any free one, see {@link #boundPort()}
     * @throws IOException the address cannot be bound
     */
    public static PgServer start(
            InetSocketAddress address, PgServerSettings settings, PgBackend backend)
            throws IOException {
        return new PgServer(address, settings, backend);
    }

    public int boundPort() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Sessions at this moment. */
    public int sessionCount() {
        return sessionCount.get();
    }

    /**
     * Refuses new clients, ends every session with 57P01, cancelling its statement, and waits for
     * them; after the shutdown timeout connections are cut.
     */
    @Override
    public void close() {
        closing = true;
        listener.close().awaitUninterruptibly();
        List<PgConnection> ending = List.copyOf(connections.values());
        ending.forEach(PgConnection::shutDown);
        CompletableFuture<?>[] ended =
                ending.stream().map(PgConnection::ended).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(ended)
                    .orTimeout(settings.shutdownTimeout().toMillis(), TimeUnit.MILLISECONDS)
                    .join();
            // A session's socket closes by itself once its last answer has left.
            ending.forEach(c -> c.channel().closeFuture().awaitUninterruptibly(LAST_ANSWER_MS));
        } catch (RuntimeException e) {
            LOG.warn("{} sessions did not end in time", connections.size());
        }
        sockets.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    PgServerSettings settings() {
        return settings;
    }

    /** Cancels the statement of the connection that knows the secret; any other is not told. */
    void cancel(CancelRequest request) {
        PgConnection connection = connections.get(request.processId());
        if (connection != null && connection.secretKey() == request.secretKey()) {
            connection.cancel();
        } else {
            LOG.debug("cancel request for process {} does not match", request.processId());
        }
    }

    /**
     * Turns a socket in start-up into a session; on its event loop.
     *
     * @return why not, or null
     */
    @Nullable ErrorResponse open(ChannelHandlerContext ctx, StartupMessage startup) {
        if (closing) {
            return ErrorResponse.of("FATAL", "57P03", "the database system is shutting down");
        }
        if (sessionCount.incrementAndGet() > settings.maxConnections()) {
            sessionCount.decrementAndGet();
            return ErrorResponse.of("FATAL", "53300", "sorry, too many clients already");
        }
        FrontendDecoder decoder = new FrontendDecoder(settings.messageBytesMax());
        PgConnection connection = register(startup, ctx.channel(), decoder);
        // The decoder last: replacing it passes on at once what has come after the StartupMessage.
        ctx.pipeline().addLast(connection);
        ctx.pipeline().remove(StartupHandler.class);
        ctx.pipeline().replace(StartupDecoder.class, null, decoder);
        settings.sessionThreads().newThread(connection::run).start();
        if (closing) { // close() may not have seen it
            connection.shutDown();
        }
        return null;
    }

    private PgConnection register(
            StartupMessage startup, Channel channel, FrontendDecoder decoder) {
        while (true) {
            // Positive, and not one that a very old connection still has.
            int processId = nextProcessId.getAndUpdate(id -> id == Integer.MAX_VALUE ? 1 : id + 1);
            PgConnection connection =
                    new PgConnection(
                            backend,
                            processId,
                            random.nextInt(),
                            startup,
                            channel,
                            decoder,
                            this::ended);
            if (connections.putIfAbsent(processId, connection) == null) {
                return connection;
            }
        }
    }

    private void ended(PgConnection connection) {
        connections.remove(connection.processId());
        sessionCount.decrementAndGet();
    }

    private final class Accepted extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            sockets.add(channel);
            if (sockets.size() > settings.maxConnections() + SOCKETS_IN_STARTUP_MAX) {
                var refused = channel.close();
                return;
            }
            channel.pipeline().addLast(new StartupDecoder(), new StartupHandler(PgServer.this));
        }
    }
}
