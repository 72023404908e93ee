package dev.driftdb.tests.isolation;

import dev.driftdb.tests.isolation.Script.Step;
import dev.driftdb.tests.support.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * One run of a script. Each session has a connection and a thread; the next step begins when the
 * one before has ended or waits for another session, which the server is asked.
 */
final class ScriptRun implements AutoCloseable {
    /** How long a statement that waits for nobody may take. */
    private static final long ANSWER_MAX_MS = 20_000;

    private final String schema;
    private final List<Session> sessions = new ArrayList<>();

    /** Steps that wait, by their number. */
    private final Map<Integer, Future<String>> waiting = new TreeMap<>();

    /**
     * @param sql executes the script's statements
     * @param watcher another connection to the same server
     */
    private record Session(Sql sql, Sql watcher, int processId, ExecutorService thread) {}

    /**
     * @param connect a new connection to the server of a session: there is one for those of even
     *     numbers and one, or the same, for the others; session 0 makes the tables
     */
    ScriptRun(Script script, String schema, IntFunction<Sql> connect) {
        this.schema = schema;
        for (int number = 0; number <= script.sessions(); number++) {
            Sql sql = connect.apply(number);
            Sql watcher = number < 2 ? connect.apply(number) : sessions.get(number % 2).watcher();
            sessions.add(
                    new Session(
                            sql,
                            watcher,
                            processId(sql),
                            Executors.newSingleThreadExecutor(Thread.ofVirtual().factory())));
        }
        Sql maker = sessions.getFirst().sql();
        maker.run("DROP SCHEMA IF EXISTS " + schema + " CASCADE", "CREATE SCHEMA " + schema);
        for (Session session : sessions) {
            session.sql().run("SET search_path = " + schema);
        }
        for (String statement : script.setup()) {
            maker.run(statement);
        }
    }

    private static int processId(Sql sql) {
        try {
            return sql.connection().unwrap(PGConnection.class).getBackendPID();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The outcome of each step, a line each. */
    List<String> outcomes(Script script, String level) throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < script.steps().size(); i++) {
            Step step = script.steps().get(i);
            int number = i + 1;
            Session session = sessions.get(step.session());
            for (int before : List.copyOf(waiting.keySet())) {
                if (script.steps().get(before - 1).session() == step.session()) {
                    throw new IllegalStateException(
                            "step " + number + " of a session that waits: " + lines);
                }
            }
            String sql = step.sql().replace("$LEVEL", level);
            Future<String> future = session.thread().submit(() -> execute(session.sql(), sql));
            boolean waits = !step.toItsEnd() && blocked(session, future);
            if (waits) {
                waiting.put(number, future);
            }
            String line = number + " " + (waits ? "waits" : answer(future));
            lines.add(line + released(script, number));
        }
        if (!waiting.isEmpty()) {
            throw new IllegalStateException("still waiting: " + waiting.keySet() + lines);
        }
        return lines;
    }

    /** What became of earlier steps that wait no more. */
    private String released(Script script, int last) throws Exception {
        StringBuilder text = new StringBuilder();
        for (int number : List.copyOf(waiting.keySet())) {
            Future<String> future = waiting.get(number);
            Session session = sessions.get(script.steps().get(number - 1).session());
            if (number != last && future != null && !blocked(session, future)) {
                waiting.remove(number);
                text.append("; ").append(number).append(' ').append(answer(future));
            }
        }
        return text.toString();
    }

    /** Whether it waits for another session; false when it has ended. */
    private static boolean blocked(Session session, Future<String> statement)
            throws InterruptedException, ExecutionException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ANSWER_MAX_MS);
        while (System.nanoTime() < deadline) {
            try {
                statement.get(2, TimeUnit.MILLISECONDS);
                return false;
            } catch (TimeoutException e) {
                if (isBlocked(session)) {
                    return !statement.isDone();
                }
            }
        }
        throw new IllegalStateException("neither ends nor waits");
    }

    private static boolean isBlocked(Session session) {
        String pid = "(" + session.processId() + ")";
        return session.watcher()
                .value(
                        "SELECT cardinality(pg_blocking_pids"
                                + pid
                                + ") + cardinality(pg_safe_snapshot_blocking_pids"
                                + pid
                                + ") > 0")
                .startsWith("t");
    }

    private static String answer(Future<String> statement) throws Exception {
        return statement.get(ANSWER_MAX_MS, TimeUnit.MILLISECONDS);
    }

    /** The value of a query on the server of session 1, which must be true. */
    boolean holds(String query) {
        return sessions.getFirst().sql().value(query).startsWith("t");
    }

    private String execute(Sql sql, String statement) throws SQLException {
        try (Statement jdbc = sql.connection().createStatement()) {
            boolean rows = jdbc.execute(statement);
            String outcome;
            if (rows) {
                try (ResultSet result = jdbc.getResultSet()) {
                    List<String> texts = Sql.texts(result);
                    outcome = texts.isEmpty() ? "no rows" : "rows " + joined(texts);
                }
            } else {
                outcome = changes(statement) ? "count " + jdbc.getUpdateCount() : "ok";
            }
            SQLWarning warning = jdbc.getWarnings();
            return warning == null
                    ? outcome
                    : outcome + " with " + warning.getSQLState() + " " + warning.getMessage();
        } catch (PSQLException e) {
            return "error " + text(e);
        }
    }

    private static String joined(List<String> rows) {
        return rows.stream()
                .map(row -> row.isEmpty() ? "(empty)" : row)
                .collect(Collectors.joining(", "));
    }

    private static boolean changes(String statement) {
        return statement.toLowerCase(Locale.ROOT).matches("(insert|update|delete|merge|with) .*");
    }

    /** Of a lost race only the SQLSTATE; the parties of a deadlock by their names. */
    private String text(PSQLException e) {
        String state = String.valueOf(e.getSQLState());
        ServerErrorMessage server = e.getServerErrorMessage();
        if (state.equals("40001") || server == null) {
            return state;
        }
        String text = state + " " + server.getMessage();
        if (state.equals("40P01")) {
            text += ": " + named(server.getDetail()) + " " + server.getHint();
        }
        return text.replace(schema, "SCHEMA");
    }

    private String named(@Nullable String detail) {
        String text = detail == null ? "" : detail.replace('\n', ' ');
        for (int number = 1; number < sessions.size(); number++) {
            text = text.replace("rocess " + sessions.get(number).processId(), "rocess T" + number);
        }
        return text.replaceAll("(transaction|relation|database) \\d+", "$1 N")
                .replaceAll("tuple \\(\\d+,\\d+\\)", "tuple N")
                .replaceAll("lock \\[\\d+,", "lock [N,");
    }

    @Override
    public void close() {
        for (Session session : sessions) {
            if (waiting.values().stream().anyMatch(statement -> !statement.isDone())) {
                session.watcher().query("SELECT pg_cancel_backend(" + session.processId() + ")");
            }
            session.thread().close();
        }
        sessions.reversed()
                .forEach(session -> {
                    if (session.equals(sessions.getFirst())) {
                        session.sql().run("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
                    }
                    session.sql().close();
                });
        sessions.stream().limit(2).forEach(session -> session.watcher().close());
    }
}
