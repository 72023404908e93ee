package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.TEXT;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.text.Normalizer;
import java.util.Locale;

/** Normal forms of Unicode, escapes, and conversion to ASCII. */
final class UnicodeFunctions {
    private static final String ESCAPES =
            "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.";

    private UnicodeFunctions() {}

    static void define(Definitions d) {
        d.fn("normalize", TEXT, TEXT, (String s) -> Normalizer.normalize(s, Normalizer.Form.NFC));
        d.fn(
                "normalize",
                TEXT,
                TEXT,
                TEXT,
                (String s, String form) -> Normalizer.normalize(s, form(form)));
        d.fn(
                "is_normalized",
                TEXT,
                BOOL,
                (String s) -> Normalizer.isNormalized(s, Normalizer.Form.NFC));
        d.fn(
                "is_normalized",
                TEXT,
                TEXT,
                BOOL,
                (String s, String form) -> Normalizer.isNormalized(s, form(form)));
        d.fn("unistr", TEXT, TEXT, UnicodeFunctions::unescape);
        d.fn(
                "to_ascii",
                TEXT,
                TEXT,
                (String _) -> {
                    throw new SqlException(
                            SqlState.FEATURE_NOT_SUPPORTED,
                            "encoding conversion from UTF8 to ASCII not supported");
                });
    }

    private static Normalizer.Form form(String name) {
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "NFC" -> Normalizer.Form.NFC;
            case "NFD" -> Normalizer.Form.NFD;
            case "NFKC" -> Normalizer.Form.NFKC;
            case "NFKD" -> Normalizer.Form.NFKD;
            default -> throw SqlErrors.invalidParameter("invalid normalization form: " + name);
        };
    }

    private static String unescape(String s) {
        StringBuilder out = new StringBuilder(s.length());
        boolean high = false;
        for (int i = 0; i < s.length(); ) {
            if (s.charAt(i) != '\\' || s.startsWith("\\\\", i)) {
                refuseHalf(high);
                out.append(s.charAt(i));
                i += s.charAt(i) == '\\' ? 2 : 1;
                continue;
            }
            char kind = i + 1 < s.length() ? s.charAt(i + 1) : 0;
            int digits = kind == '+' ? 6 : kind == 'U' ? 8 : 4;
            int first = kind == '+' || kind == 'u' || kind == 'U' ? i + 2 : i + 1;
            long code = hex(s, first, digits);
            if (code < 0) {
                throw new SqlException(SqlState.SYNTAX_ERROR, "invalid Unicode escape")
                        .withHint(ESCAPES);
            }
            if (code == 0 || code > Character.MAX_CODE_POINT) {
                throw SqlErrors.invalidParameter(
                        "invalid Unicode code point: " + String.format("%04X", code));
            }
            boolean low =
                    code >= Character.MIN_LOW_SURROGATE && code <= Character.MAX_LOW_SURROGATE;
            refuseHalf(high != low);
            high = code >= Character.MIN_HIGH_SURROGATE && code <= Character.MAX_HIGH_SURROGATE;
            out.appendCodePoint((int) code);
            i = first + digits;
        }
        refuseHalf(high);
        return out.toString();
    }

    private static void refuseHalf(boolean half) {
        if (half) {
            throw new SqlException(SqlState.SYNTAX_ERROR, "invalid Unicode surrogate pair");
        }
    }

    private static long hex(String s, int from, int digits) {
        if (from + digits > s.length()) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = Character.digit(s.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            value = value * 16 + digit;
        }
        return value;
    }
}
