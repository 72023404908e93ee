package dev.driftdb.query.server;

import dev.driftdb.pgwire.message.BackendMessage;
import dev.driftdb.pgwire.server.PgBackend;
import dev.driftdb.pgwire.server.PgError;
import dev.driftdb.pgwire.server.PgSession;
import dev.driftdb.pgwire.server.PgSink;
import dev.driftdb.query.session.ConnectionPoint;
import dev.driftdb.query.session.Database;
import dev.driftdb.query.session.Session;
import dev.driftdb.query.session.WireSession;
import dev.driftdb.schemas.catalog.RoleDef;
import dev.driftdb.schemas.error.SqlException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Opens a session for each connection. Safe for any thread. */
final class SessionBackend implements PgBackend {
    /** Parameters of the startup message that are not settings. */
    private static final Set<String> NOT_SETTINGS =
            Set.of("user", "database", "options", "replication");

    private final Database database;

    SessionBackend(Database database) {
        this.database = database;
    }

    @Override
    public PgSession connect(
            Map<String, String> parameters, SocketAddress client, int processId, PgSink out) {
        String user = parameters.getOrDefault("user", "");
        String name = parameters.getOrDefault("database", user);
        int at = name.indexOf('@');
        String databaseName = at < 0 ? name : name.substring(0, at);
        if (!databaseName.equals(database.name())) {
            throw PgError.fatal("3D000", "database \"" + databaseName + "\" does not exist");
        }
        if (!parameters.getOrDefault("replication", "false").equals("false")) {
            throw PgError.fatal("0A000", "replication connections are not supported");
        }
        RoleDef role = database.replica().catalog().findRole(user);
        if (role == null || !role.login()) {
            throw PgError.fatal("28000", "role \"" + user + "\" does not exist");
        }
        try {
            Long asOf = at < 0 ? null : ConnectionPoint.resolve(database, name.substring(at + 1));
            return open(parameters, client, processId, out, user, asOf);
        } catch (SqlException e) {
            throw PgError.fatal(e.state().code(), String.valueOf(e.getMessage()));
        }
    }

    private PgSession open(
            Map<String, String> parameters,
            SocketAddress client,
            int processId,
            PgSink out,
            String user,
            @Nullable Long asOf) {
        InetSocketAddress address = client instanceof InetSocketAddress inet ? inet : null;
        Session session =
                new Session(
                        database,
                        user,
                        processId,
                        address == null ? "" : address.getAddress().getHostAddress(),
                        address == null ? -1 : address.getPort(),
                        asOf,
                        (setting, value) ->
                                out.send(new BackendMessage.ParameterStatus(setting, value)),
                        notice -> out.send(WireSession.noticeOf(notice)));
        try {
            parameters.forEach((key, value) -> {
                if (!NOT_SETTINGS.contains(key)) {
                    session.startWith(key, value);
                }
            });
            StartupOptions.parse(parameters.getOrDefault("options", ""))
                    .forEach(session::startWith);
        } catch (SqlException e) {
            session.close();
            throw e;
        }
        session.reportedSettings()
                .forEach((setting, value) ->
                        out.send(new BackendMessage.ParameterStatus(setting, value)));
        return new WireSession(session);
    }
}
