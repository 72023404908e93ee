package dev.driftdb.pgwire.server;

import dev.driftdb.pgwire.codec.BackendEncoder;
import dev.driftdb.pgwire.message.BackendMessage.ErrorResponse;
import dev.driftdb.pgwire.message.FrontendMessage.CancelRequest;
import dev.driftdb.pgwire.message.FrontendMessage.GSSENCRequest;
import dev.driftdb.pgwire.message.FrontendMessage.Initial;
import dev.driftdb.pgwire.message.FrontendMessage.SSLRequest;
import dev.driftdb.pgwire.message.FrontendMessage.StartupMessage;
import dev.driftdb.pgwire.message.FrontendMessage.Unreadable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The start-up phase of one connection, on the event loop. Refuses encryption, passes cancel
 * requests on, and makes a {@link PgConnection} of a StartupMessage.
 */
final class StartupHandler extends SimpleChannelInboundHandler<Initial> {
    static final int PROTOCOL_MAJOR = 3;
    static final int PROTOCOL_MINOR = 0;

    /** Parameters that start so are protocol options; we know none. */
    static final String OPTION_PREFIX = "_pq_.";

    private static final Logger LOG = LoggerFactory.getLogger(StartupHandler.class);
    private static final String PROTOCOL_VIOLATION = "08P01";
    private static final Set<String> NOT_REPLICATION = Set.of("false", "off", "no", "0", "");

    private final PgServer server;
    private boolean sslRefused;
    private boolean gssRefused;
    private @Nullable ScheduledFuture<?> timeout;

    StartupHandler(PgServer server) {
        this.server = server;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timeout =
                ctx.executor()
                        .schedule(
                                () ->
                                        refuse(
                                                ctx,
                                                "57014",
                                                "canceling authentication due to timeout"),
                                server.settings().authenticationTimeout().toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Initial message) {
        switch (message) {
            case SSLRequest ssl -> {
                if (sslRefused) {
                    refuse(ctx, PROTOCOL_VIOLATION, "second SSLRequest");
                } else {
                    sslRefused = true;
                    answerNo(ctx);
                }
            }
            case GSSENCRequest gss -> {
                if (gssRefused) {
                    refuse(ctx, PROTOCOL_VIOLATION, "second GSSENCRequest");
                } else {
                    gssRefused = true;
                    answerNo(ctx);
                }
            }
            case CancelRequest cancel -> {
                server.cancel(cancel);
                var closing = ctx.close();
            }
            case StartupMessage startup -> start(ctx, startup);
            case Unreadable unreadable -> refuse(ctx, unreadable.sqlState(), unreadable.reason());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("connection lost during start-up: {}", cause.getMessage());
        } else {
            LOG.warn("connection ends during start-up", cause);
        }
        var closing = ctx.close();
    }

    private void start(ChannelHandlerContext ctx, StartupMessage startup) {
        if (startup.majorVersion() != PROTOCOL_MAJOR) {
            refuse(
                    ctx,
                    "0A000",
                    "unsupported frontend protocol %d.%d: server supports 3.0 to 3.0"
                            .formatted(startup.majorVersion(), startup.minorVersion()));
            return;
        }
        if (startup.parameters().getOrDefault("user", "").isEmpty()) {
            refuse(ctx, "28000", "no PostgreSQL user name specified in startup packet");
            return;
        }
        String replication = startup.parameters().getOrDefault("replication", "");
        if (!NOT_REPLICATION.contains(replication.toLowerCase(Locale.ROOT))) {
            refuse(ctx, "0A000", "replication connections are not supported");
            return;
        }
        ErrorResponse refused = server.open(ctx, startup);
        if (refused != null) {
            refuse(ctx, refused);
        }
    }

    private static void answerNo(ChannelHandlerContext ctx) {
        var written = ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'N'}));
    }

    private static void refuse(ChannelHandlerContext ctx, String sqlState, String message) {
        refuse(ctx, ErrorResponse.of("FATAL", sqlState, message));
    }

    private static void refuse(ChannelHandlerContext ctx, ErrorResponse error) {
        ByteBuf bytes = ctx.alloc().ioBuffer();
        BackendEncoder.encode(error, bytes);
        ctx.writeAndFlush(bytes).addListener(ChannelFutureListener.CLOSE);
    }
}
