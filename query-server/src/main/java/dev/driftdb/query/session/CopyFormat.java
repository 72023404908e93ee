package dev.driftdb.query.session;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.Locale;
import java.util.Map;

/** The options of a COPY, checked. */
record CopyFormat(
        boolean csv, char delimiter, String nullText, boolean header, char quote, char escape) {

    static CopyFormat of(Map<String, String> options) {
        boolean csv = false;
        for (Map.Entry<String, String> option : options.entrySet()) {
            switch (option.getKey()) {
                case "format" -> {
                    switch (option.getValue().toLowerCase(Locale.ROOT)) {
                        case "text" -> csv = false;
                        case "csv" -> csv = true;
                        default ->
                                throw SqlException.notSupported(
                                        "COPY format \"" + option.getValue() + "\"");
                    }
                }
                case "delimiter", "null", "header", "quote", "escape", "freeze" -> {}
                case "encoding" -> {
                    if (!option.getValue().replace("-", "").equalsIgnoreCase("utf8")) {
                        throw SqlException.notSupported(
                                "COPY encoding \"" + option.getValue() + "\"");
                    }
                }
                default ->
                        throw SqlException.notSupported("COPY option \"" + option.getKey() + "\"");
            }
        }
        String nullText = options.getOrDefault("null", csv ? "" : "\\N");
        String quote = options.getOrDefault("quote", "\"");
        String escape = options.getOrDefault("escape", quote);
        if (!csv && (options.containsKey("quote") || options.containsKey("escape"))) {
            throw new SqlException(
                    SqlState.FEATURE_NOT_SUPPORTED, "COPY QUOTE and ESCAPE require CSV mode");
        }
        return new CopyFormat(
                csv,
                oneByte("delimiter", options.getOrDefault("delimiter", csv ? "," : "\t")),
                nullText,
                isOn(options.getOrDefault("header", "false")),
                oneByte("quote", quote),
                oneByte("escape", escape));
    }

    private static boolean isOn(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true", "on", "1" -> true;
            case "false", "off", "0" -> false;
            default -> throw SqlException.notSupported("COPY HEADER " + value);
        };
    }

    private static char oneByte(String option, String text) {
        if (text.length() != 1 || text.charAt(0) > 127 || text.equals("\n") || text.equals("\r")) {
            throw new SqlException(
                    SqlState.INVALID_PARAMETER_VALUE,
                    "COPY " + option + " must be a single one-byte character");
        }
        return text.charAt(0);
    }
}
