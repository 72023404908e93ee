package dev.driftdb.pgwire.server;

import java.net.SocketAddress;
import java.util.Map;

/** The engine behind the wire. Safe for any thread. */
public interface PgBackend {
    /**
     * A new session after start-up and authentication.
     *
     * @param parameters of the startup message: user, database, application_name, client_encoding…
     * @param out how the session sends unasked messages (ParameterStatus, NoticeResponse)
     * @throws PgError refuses the connection, for example 3D000
     */
    PgSession connect(
            Map<String, String> parameters, SocketAddress client, int processId, PgSink out);
}
