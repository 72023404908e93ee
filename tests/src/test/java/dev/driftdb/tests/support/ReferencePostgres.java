package dev.driftdb.tests.support;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL that DriftDB's answers are compared with. {@code
 * -Ddriftdb.reference=jdbc:postgresql://host:port/} names one that runs (its database and user:
 * driftdb); {@code -Ddriftdb.reference=embedded} starts one from Maven Central's binaries, once a
 * JVM, which ends with it.
 */
public final class ReferencePostgres {
    private static @Nullable String embedded;

    private ReferencePostgres() {}

    /** Null if no reference is asked for. */
    public static @Nullable String url() {
        String reference = System.getProperty("driftdb.reference");
        return "embedded".equals(reference) ? embedded() : reference;
    }

    /** The one that is asked for, else the embedded one. */
    public static String running() {
        String asked = url();
        return asked == null ? embedded() : asked;
    }

    /** The URL of the embedded one, without a database name. */
    public static synchronized String embedded() {
        if (embedded == null) {
            embedded = start();
        }
        return embedded;
    }

    @SuppressWarnings("resource") // its own shutdown hook ends it
    private static String start() {
        try {
            EmbeddedPostgres server =
                    EmbeddedPostgres.builder()
                            .setLocaleConfig("locale", "C.UTF-8")
                            .setLocaleConfig("lc-collate", "C")
                            .setServerConfig("fsync", "off")
                            .setServerConfig("jit", "off")
                            .start();
            try (Connection connection = server.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE ROLE driftdb SUPERUSER LOGIN");
                statement.execute("CREATE DATABASE driftdb OWNER driftdb");
            }
            return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
