package dev.driftdb.tests.support;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL that DriftDB's answers are compared with. Started from Maven Central's binaries,
 * once a JVM, which ends with it; or {@code -Ddriftdb.reference=jdbc:postgresql://host:port/} names
 * one that runs (its database and user: driftdb).
 */
public final class ReferencePostgres {
    private static @Nullable String embedded;

    private ReferencePostgres() {}

    /** Its URL, without a database name. */
    public static String url() {
        String reference = System.getProperty("driftdb.reference", "embedded");
        return "embedded".equals(reference) ? embedded() : reference;
    }

    private static synchronized String embedded() {
        String running = embedded;
        if (running == null) {
            running = start();
            embedded = running;
        }
        return running;
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
