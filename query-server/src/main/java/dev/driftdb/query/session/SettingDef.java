package dev.driftdb.query.session;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.DateTimes;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * One configuration parameter of a session (pg_settings).
 *
 * @param reported sent to the client as ParameterStatus when it changes
 * @param settable false for what only the server knows (55P02)
 * @param canonical checks a new value and gives it its canonical form
 */
record SettingDef(
        String name,
        String defaultValue,
        boolean reported,
        boolean settable,
        String description,
        UnaryOperator<String> canonical) {

    /** The version of PostgreSQL whose behaviour is the reference. */
    static final String SERVER_VERSION = "16.4";

    static final String SERVER_VERSION_NUM = "160004";

    private static final Pattern NUMBER = Pattern.compile("\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)\\s*");

    private static final List<String> ISOLATION_LEVELS =
            List.of("serializable", "repeatable read", "read committed", "read uncommitted");

    private static final Map<String, SettingDef> ALL = new TreeMap<>();

    private static final List<String> BOOLEAN_TRUE = List.of("on", "true", "yes", "1", "t", "y");
    private static final List<String> BOOLEAN_FALSE = List.of("off", "false", "no", "0", "f", "n");

    static {
        text("application_name", "", true, "Sets the application name to be reported.");
        oneOf("bytea_output", "hex", "Sets the output format for bytea.", "escape", "hex");
        bool("check_function_bodies", "on", "Checks routine bodies during CREATE FUNCTION.");
        oneOf(
                "client_encoding",
                "UTF8",
                true,
                "Sets the client's encoding.",
                "UTF8",
                "UTF-8",
                "UNICODE",
                "SQL_ASCII");
        oneOf(
                "client_min_messages",
                "notice",
                "Sets the message levels that are sent to the client.",
                "debug5",
                "debug4",
                "debug3",
                "debug2",
                "debug1",
                "debug",
                "log",
                "notice",
                "warning",
                "error");
        add(
                "DateStyle",
                "ISO, MDY",
                true,
                "Sets the display format for date and time values.",
                SettingDef::dateStyle);
        oneOf(
                "default_table_access_method",
                "heap",
                "Sets the default table access method for new tables.",
                "heap");
        text(
                "default_tablespace",
                "",
                false,
                "Sets the default tablespace to create tables and indexes in.");
        integer(
                "default_statistics_target",
                "100",
                1,
                10_000,
                "Sets the default statistics target.");
        bool(
                "default_transaction_deferrable",
                "off",
                "Sets the default deferrable status of new transactions.");
        isolation(
                "default_transaction_isolation",
                "Sets the transaction isolation level of each new transaction.");
        bool(
                "default_transaction_read_only",
                "off",
                true,
                "Sets the default read-only status of new transactions.");
        text(
                "driftdb.as_of",
                "",
                false,
                "The point in time that the session's queries read; empty for now.");
        fixed("driftdb.offset", "-1", "The offset of the last commit of this session.");
        oneOf(
                "driftdb.read_consistency",
                "local",
                "What a read waits for.",
                "local",
                "linearizable");
        bool(
                "escape_string_warning",
                "on",
                "Warns about backslash escapes in ordinary string literals.");
        integer(
                "extra_float_digits",
                "1",
                -15,
                3,
                "Sets the number of digits displayed for floating-point values.");
        add(
                "deadlock_timeout",
                "1000",
                false,
                "Sets the time to wait before checking for deadlock; it is checked at once here.",
                text -> Long.toString(millis("deadlock_timeout", text)));
        duration(
                "idle_in_transaction_session_timeout",
                "Sets the maximum allowed idle time between queries, when in a transaction.");
        duration(
                "idle_session_timeout",
                "Sets the maximum allowed idle time between queries, when not in a transaction.");
        fixed("in_hot_standby", "off", true, "Shows whether hot standby is currently active.");
        fixed("integer_datetimes", "on", true, "Shows whether datetimes are integer based.");
        oneOf(
                "IntervalStyle",
                "postgres",
                true,
                "Sets the display format for interval values.",
                "postgres");
        fixed("is_superuser", "on", true, "Shows whether the current user is a superuser.");
        fixed("lc_collate", "C", "Shows the collation order locale.");
        fixed("lc_ctype", "C", "Shows the character classification and case conversion locale.");
        duration("lock_timeout", "Sets the maximum allowed duration of any wait for a lock.");
        fixed("max_identifier_length", "63", "Shows the maximum identifier length.");
        fixed("max_index_keys", "32", "Shows the maximum number of index keys.");
        bool("row_security", "on", "Enables row security.");
        text(
                "search_path",
                "\"$user\", public",
                false,
                "Sets the schema search order for names that are not schema-qualified.");
        fixed(
                "server_encoding",
                "UTF8",
                true,
                "Shows the server (database) character set encoding.");
        fixed("server_version", SERVER_VERSION, true, "Shows the server version.");
        fixed("server_version_num", SERVER_VERSION_NUM, "Shows the server version as an integer.");
        fixed("session_authorization", "driftdb", true, "Shows the session user.");
        oneOf(
                "standard_conforming_strings",
                "on",
                true,
                "Causes '...' strings to treat backslashes literally.",
                "on");
        duration("statement_timeout", "Sets the maximum allowed duration of any statement.");
        oneOf(
                "synchronous_commit",
                "on",
                "Sets the current transaction's synchronization level; a commit is always durable here.",
                "on",
                "off",
                "local",
                "remote_write",
                "remote_apply");
        add(
                "TimeZone",
                "UTC",
                true,
                "Sets the time zone for displaying and interpreting time stamps.",
                SettingDef::timeZone);
        isolation("transaction_isolation", "Shows the current transaction's isolation level.");
        bool(
                "transaction_deferrable",
                "off",
                "Whether to defer a read-only serializable transaction until it can be executed with no possible serialization failures.");
        bool("transaction_read_only", "off", "Shows the current transaction's read-only status.");
        memory(
                "temp_file_limit",
                "-1",
                -1,
                "Limits the total size of all temporary files used by each statement.");
        memory(
                "work_mem",
                "32MB",
                64,
                "Sets the maximum memory to be used by one operation before it writes to temporary files.");
        oneOf(
                "xmloption",
                "content",
                "Sets whether XML data is to be considered as documents or content.",
                "content");
    }

    static Map<String, SettingDef> all() {
        return ALL;
    }

    /** By name without regard to case; 42704 for an unknown one. */
    static SettingDef of(String name) {
        SettingDef found = ALL.get(name.toLowerCase(Locale.ROOT));
        if (found == null) {
            throw new SqlException(
                    SqlState.UNDEFINED_OBJECT,
                    "unrecognized configuration parameter \"" + name + "\"");
        }
        return found;
    }

    private static void add(
            String name,
            String value,
            boolean reported,
            String description,
            UnaryOperator<String> canonical) {
        ALL.put(
                name.toLowerCase(Locale.ROOT),
                new SettingDef(name, value, reported, true, description, canonical));
    }

    private static void fixed(String name, String value, String description) {
        fixed(name, value, false, description);
    }

    private static void fixed(String name, String value, boolean reported, String description) {
        ALL.put(
                name.toLowerCase(Locale.ROOT),
                new SettingDef(
                        name, value, reported, false, description, UnaryOperator.identity()));
    }

    private static void text(String name, String value, boolean reported, String description) {
        add(name, value, reported, description, UnaryOperator.identity());
    }

    private static void bool(String name, String value, String description) {
        bool(name, value, false, description);
    }

    private static void bool(String name, String value, boolean reported, String description) {
        add(
                name,
                value,
                reported,
                description,
                text -> {
                    String lower = text.toLowerCase(Locale.ROOT);
                    if (BOOLEAN_TRUE.contains(lower)) {
                        return "on";
                    }
                    if (BOOLEAN_FALSE.contains(lower)) {
                        return "off";
                    }
                    throw new SqlException(
                            SqlState.INVALID_PARAMETER_VALUE,
                            "parameter \"" + name + "\" requires a Boolean value");
                });
    }

    private static void oneOf(String name, String value, String description, String... allowed) {
        oneOf(name, value, false, description, allowed);
    }

    private static void oneOf(
            String name, String value, boolean reported, String description, String... allowed) {
        add(
                name,
                value,
                reported,
                description,
                text -> {
                    for (String candidate : allowed) {
                        if (candidate.equalsIgnoreCase(text)) {
                            return candidate;
                        }
                    }
                    throw invalid(name, text);
                });
    }

    private static void integer(String name, String value, int min, int max, String description) {
        add(
                name,
                value,
                false,
                description,
                text -> {
                    int number;
                    try {
                        number = Integer.parseInt(text.strip());
                    } catch (NumberFormatException e) {
                        throw invalid(name, text);
                    }
                    if (number < min || number > max) {
                        throw new SqlException(
                                SqlState.INVALID_PARAMETER_VALUE,
                                number
                                        + " is outside the valid range for parameter \""
                                        + name
                                        + "\" ("
                                        + min
                                        + " .. "
                                        + max
                                        + ")");
                    }
                    return Integer.toString(number);
                });
    }

    /** Kept in milliseconds; 0 switches it off. */
    private static void duration(String name, String description) {
        add(name, "0", false, description, text -> Long.toString(millis(name, text)));
    }

    private static void isolation(String name, String description) {
        add(
                name,
                "read committed",
                false,
                description,
                text -> {
                    String lower = text.toLowerCase(Locale.ROOT);
                    if (!ISOLATION_LEVELS.contains(lower)) {
                        throw invalid(name, text)
                                .withHint(
                                        "Available values: "
                                                + String.join(", ", ISOLATION_LEVELS)
                                                + ".");
                    }
                    return lower;
                });
    }

    /**
     * Kept as it is shown: in the largest unit that needs no fraction.
     *
     * @param min kilobytes
     */
    private static void memory(String name, String value, long min, String description) {
        add(
                name,
                value,
                false,
                description,
                text -> {
                    long number = kilobytes(name, text);
                    if (number < min || number > Integer.MAX_VALUE) {
                        throw new SqlException(
                                SqlState.INVALID_PARAMETER_VALUE,
                                number
                                        + " kB is outside the valid range for parameter \""
                                        + name
                                        + "\" ("
                                        + min
                                        + " kB .. "
                                        + Integer.MAX_VALUE
                                        + " kB)");
                    }
                    if (number <= 0) {
                        return Long.toString(number);
                    }
                    return number % (1 << 20) == 0
                            ? (number >> 20) + "GB"
                            : number % (1 << 10) == 0 ? (number >> 10) + "MB" : number + "kB";
                });
    }

    /** A size with its unit (kB without one) in kilobytes. */
    static long kilobytes(String name, String text) {
        String digits = text.strip();
        int end = digits.startsWith("-") ? 1 : 0;
        while (end < digits.length() && Character.isDigit(digits.charAt(end))) {
            end++;
        }
        if (end == 0 || end > 15 || digits.substring(0, end).equals("-")) {
            throw invalid(name, text);
        }
        long number = Long.parseLong(digits.substring(0, end));
        return switch (digits.substring(end).strip()) {
            case "", "kB" -> number;
            case "B" -> number / 1024;
            case "MB" -> number << 10;
            case "GB" -> number << 20;
            case "TB" -> number << 30;
            default -> throw invalid(name, text);
        };
    }

    private static long millis(String name, String text) {
        String digits = text.strip();
        int end = 0;
        while (end < digits.length() && Character.isDigit(digits.charAt(end))) {
            end++;
        }
        if (end == 0 || end > 15) {
            throw invalid(name, text);
        }
        long number = Long.parseLong(digits.substring(0, end));
        return switch (digits.substring(end).strip()) {
            case "", "ms" -> number;
            case "s" -> number * 1_000;
            case "min" -> number * 60_000;
            case "h" -> number * 3_600_000;
            case "d" -> number * 86_400_000;
            default -> throw invalid(name, text);
        };
    }

    private static String dateStyle(String text) {
        String order = null;
        for (String word : text.split("[,\\s]+")) {
            String next =
                    switch (word.toUpperCase(Locale.ROOT)) {
                        case "ISO", "" -> null;
                        case "YMD" -> "YMD";
                        case "MDY", "US", "NONEURO", "NONEUROPEAN" -> "MDY";
                        case "DMY", "EURO", "EUROPEAN" -> "DMY";
                        case "DEFAULT" -> order == null ? "MDY" : null;
                        case "SQL", "POSTGRES", "GERMAN" ->
                                throw SqlException.notSupported("DateStyle \"" + text + "\"");
                        default ->
                                throw invalid("DateStyle", text)
                                        .withDetail("Unrecognized key word: \"" + word + "\".");
                    };
            if (order != null && next != null && !order.equals(next)) {
                throw invalid("DateStyle", text)
                        .withDetail("Conflicting \"datestyle\" specifications.");
            }
            order = next == null ? order : next;
        }
        return "ISO, " + (order == null ? "MDY" : order);
    }

    /** The name as the tz database has it, in capitals for a POSIX specification. */
    private static String timeZone(String text) {
        ZoneId zone = zone(text);
        if (NUMBER.matcher(text).matches()) {
            return numberName(((ZoneOffset) zone).getTotalSeconds());
        }
        return zone instanceof ZoneOffset ? text.toUpperCase(Locale.ROOT) : zone.getId();
    }

    /** Hours east of Greenwich as a POSIX specification. */
    private static String numberName(int seconds) {
        int rest = Math.abs(seconds);
        String shown = String.format(Locale.ROOT, "%02d", rest / 3600);
        if (rest % 3600 != 0) {
            shown += String.format(Locale.ROOT, ":%02d", rest / 60 % 60);
        }
        if (rest % 60 != 0) {
            shown += String.format(Locale.ROOT, ":%02d", rest % 60);
        }
        return seconds < 0 ? "<-" + shown + ">+" + shown : "<+" + shown + ">-" + shown;
    }

    /**
     * A zone of the tz database, hours east of Greenwich as a number, or a POSIX specification, of
     * which positive offsets lie west.
     */
    static ZoneId zone(String text) {
        try {
            ZoneId zone = null;
            if (NUMBER.matcher(text).matches()) {
                double seconds = Double.parseDouble(text.strip()) * 3600;
                if (Math.abs(seconds) > 168 * 3600) {
                    throw invalid("TimeZone", text)
                            .withDetail("UTC timezone offset is out of range.");
                }
                zone = ZoneOffset.ofTotalSeconds((int) seconds);
            } else {
                zone = DateTimes.findFullZone(text);
            }
            if (zone != null) {
                return zone;
            }
        } catch (DateTimeException _) {
            // Java's offsets end at 18 hours.
        }
        throw invalid("TimeZone", text);
    }

    private static SqlException invalid(String name, String value) {
        return new SqlException(
                SqlState.INVALID_PARAMETER_VALUE,
                "invalid value for parameter \"" + name + "\": \"" + value + "\"");
    }
}
