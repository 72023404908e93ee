package dev.driftdb.schemas.log;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The names of all Kafka topics of one database. Every name begins with {@code driftdb.<db>.}.
 *
 * <p>Kafka allows letters, digits, dot, underscore and hyphen. In the name of a database, schema or
 * table every other byte of its UTF-8 form, the dot and the hyphen become {@code -} and two
 * hexadecimal digits, so that different names never meet: table {@code "my table"} is {@code
 * my-20table}.
 *
 * @param database the name of the database
 */
public record TopicNames(String database) {
    private static final String PREFIX = "driftdb.";
    private static final String EVENTS = ".events";
    private static final String CHANGELOG = ".changelog";

    /** Kafka's own limit on the characters of a topic's name. */
    private static final int NAME_LENGTH_MAX = 249;

    /** A table as a topic's name tells it. */
    public record TableName(String schema, String table) {}

    /** The log: the one topic that is the database. */
    public String log() {
        return checked(prefix() + "log");
    }

    /** Where other services write rows of a table with {@code ingest = on}. */
    public String events(String schema, String table) {
        return checked(prefix() + escape(schema) + "." + escape(table) + EVENTS);
    }

    /** Where the committed changes of a table with a changelog are published. */
    public String changelog(String schema, String table) {
        return checked(prefix() + escape(schema) + "." + escape(table) + CHANGELOG);
    }

    /** Ingested events that could not be applied, with the reason. */
    public String deadLetter() {
        return checked(prefix() + "dead-letter");
    }

    /** Begin and end of each published transaction. */
    public String transactions() {
        return checked(prefix() + "transactions");
    }

    /** Avro schemas by id; kept for ever. */
    public String schemas() {
        return checked(prefix() + "schemas");
    }

    /** The nodes of the database; compacted. */
    public String members() {
        return checked(prefix() + "members");
    }

    /** The table whose events a topic holds, or null if it is no topic of {@link #events}. */
    public @Nullable TableName tableOfEvents(String topic) {
        if (!topic.startsWith(prefix()) || !topic.endsWith(EVENTS)) {
            return null;
        }
        int from = prefix().length();
        int to = topic.length() - EVENTS.length();
        int dot = topic.indexOf('.', from);
        if (dot < 0 || dot >= to || topic.indexOf('.', dot + 1) != to) {
            return null;
        }
        TableName name =
                new TableName(
                        unescape(topic.substring(from, dot)),
                        unescape(topic.substring(dot + 1, to)));
        // A name that we would write otherwise is none of ours.
        return topic.equals(prefix() + escape(name.schema()) + "." + escape(name.table()) + EVENTS)
                ? name
                : null;
    }

    private String prefix() {
        return PREFIX + escape(database) + ".";
    }

    private static String checked(String name) {
        if (name.length() > NAME_LENGTH_MAX) {
            throw new SqlException(
                    SqlState.NAME_TOO_LONG,
                    "topic name \"" + name + "\" is longer than Kafka's " + NAME_LENGTH_MAX);
        }
        return name;
    }

    private static String escape(String name) {
        StringBuilder escaped = new StringBuilder(name.length());
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (letter || (c >= '0' && c <= '9') || c == '_') {
                escaped.append(c);
            } else {
                escaped.append(String.format(Locale.ROOT, "-%02x", b & 0xff));
            }
        }
        return escaped.toString();
    }

    private static String unescape(String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '-' && i + 2 < name.length() && isHex(name, i + 1) && isHex(name, i + 2)) {
                bytes.write(HexFormat.fromHexDigits(name, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static boolean isHex(String name, int at) {
        return HexFormat.isHexDigit(name.charAt(at));
    }
}
