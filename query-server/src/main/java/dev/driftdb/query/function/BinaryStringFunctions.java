package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BYTEA;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.INT8;
import static dev.driftdb.schemas.type.Types.TEXT;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.FormatSettings;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** PostgreSQL manual, 9.5 Binary String Functions and Operators, and hashes of text. */
final class BinaryStringFunctions {
    private static final String BASE64 =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private BinaryStringFunctions() {}

    static void define(Definitions d) {
        for (String name : List.of("length", "octet_length")) {
            d.fn(name, BYTEA, INT4, (Bytes b) -> (long) b.length());
        }
        d.fn("bit_length", BYTEA, INT4, (Bytes b) -> b.length() * 8L);
        d.op(
                "||",
                BYTEA,
                BYTEA,
                BYTEA,
                (Bytes a, Bytes b) -> {
                    byte[] joined = Arrays.copyOf(a.array(), a.length() + b.length());
                    System.arraycopy(b.array(), 0, joined, a.length(), b.length());
                    return Bytes.wrap(joined);
                });
        for (String name : List.of("substr", "substring")) {
            d.fn(
                    name,
                    BYTEA,
                    INT4,
                    BYTEA,
                    (Bytes b, Long from) -> part(b, from, Integer.MAX_VALUE));
            d.fn(
                    name,
                    BYTEA,
                    INT4,
                    INT4,
                    BYTEA,
                    (Bytes b, Long from, Long count) -> part(b, from, count));
        }
        d.fn(
                "overlay",
                BYTEA,
                BYTEA,
                INT4,
                BYTEA,
                (Bytes b, Bytes with, Long from) -> overlay(b, with, from, with.length()));
        d.define("overlay", BYTEA, BYTEA, BYTEA, INT4, INT4)
                .eval((a, _) ->
                        overlay(
                                (Bytes) Objects.requireNonNull(a[0]),
                                (Bytes) Objects.requireNonNull(a[1]),
                                SystemFunctions.number(a, 2),
                                SystemFunctions.number(a, 3)));
        d.fn("btrim", BYTEA, BYTEA, BYTEA, (Bytes b, Bytes set) -> trim(b, set, true, true));
        d.fn("ltrim", BYTEA, BYTEA, BYTEA, (Bytes b, Bytes set) -> trim(b, set, true, false));
        d.fn("rtrim", BYTEA, BYTEA, BYTEA, (Bytes b, Bytes set) -> trim(b, set, false, true));
        bits(d);
        d.fn("position", BYTEA, BYTEA, INT4, (Bytes b, Bytes wanted) -> position(b, wanted));
        d.fn("get_byte", BYTEA, INT4, INT4, (Bytes b, Long n) -> b.at(index(b, n)) & 0xFFL);
        d.fn(
                "set_byte",
                BYTEA,
                INT4,
                INT4,
                BYTEA,
                (Bytes b, Long n, Long value) -> {
                    byte[] copy = b.array().clone();
                    copy[index(b, n)] = (byte) (long) value;
                    return Bytes.wrap(copy);
                });
        d.fn("md5", TEXT, TEXT, (String s) -> hex("MD5", StringFunctions.utf8(s)));
        d.fn("md5", BYTEA, TEXT, (Bytes b) -> hex("MD5", b.array()));
        Map<String, String> digests =
                Map.of(
                        "sha224", "SHA-224", "sha256", "SHA-256", "sha384", "SHA-384", "sha512",
                        "SHA-512");
        digests.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e ->
                        d.fn(
                                e.getKey(),
                                BYTEA,
                                BYTEA,
                                (Bytes b) -> Bytes.wrap(digest(e.getValue(), b.array()))));
        d.fn("encode", BYTEA, TEXT, TEXT, BinaryStringFunctions::encode);
        d.fn("decode", TEXT, TEXT, BYTEA, BinaryStringFunctions::decode);
        Encodings.define(d);
    }

    private static void bits(Definitions d) {
        d.fn(
                "get_bit",
                BYTEA,
                INT8,
                INT4,
                (Bytes b, Long n) -> (long) (b.at(bitIndex(b, n)) >> (n % 8) & 1));
        d.fn(
                "set_bit",
                BYTEA,
                INT8,
                INT4,
                BYTEA,
                (Bytes b, Long n, Long value) -> {
                    byte[] copy = b.array().clone();
                    int at = bitIndex(b, n);
                    if (value != 0 && value != 1) {
                        throw SqlErrors.invalidParameter("new bit must be 0 or 1");
                    }
                    int mask = 1 << n % 8;
                    copy[at] = (byte) (value == 1 ? copy[at] | mask : copy[at] & ~mask);
                    return Bytes.wrap(copy);
                });
        d.fn(
                "bit_count",
                BYTEA,
                INT8,
                (Bytes b) -> {
                    long count = 0;
                    for (byte value : b.array()) {
                        count += Integer.bitCount(value & 0xFF);
                    }
                    return count;
                });
    }

    private static int bitIndex(Bytes b, long n) {
        if (n < 0 || n >= b.length() * 8L) {
            throw new SqlException(
                    SqlState.ARRAY_SUBSCRIPT_ERROR,
                    "index " + n + " out of valid range, 0.." + (b.length() * 8L - 1));
        }
        return (int) (n / 8);
    }

    private static Bytes overlay(Bytes b, Bytes with, long from, long count) {
        if (from <= 0) {
            throw new SqlException(
                    SqlState.SUBSTRING_ERROR, "negative substring length not allowed");
        }
        Bytes head = part(b, 1, from - 1);
        Bytes tail = part(b, from + count, Integer.MAX_VALUE);
        byte[] joined = Arrays.copyOf(head.array(), head.length() + with.length() + tail.length());
        System.arraycopy(with.array(), 0, joined, head.length(), with.length());
        System.arraycopy(tail.array(), 0, joined, head.length() + with.length(), tail.length());
        return Bytes.wrap(joined);
    }

    private static Bytes trim(Bytes b, Bytes set, boolean start, boolean end) {
        int from = 0;
        int to = b.length();
        while (start && from < to && contains(set, b.at(from))) {
            from++;
        }
        while (end && to > from && contains(set, b.at(to - 1))) {
            to--;
        }
        return Bytes.wrap(Arrays.copyOfRange(b.array(), from, to));
    }

    private static boolean contains(Bytes set, byte wanted) {
        for (byte value : set.array()) {
            if (value == wanted) {
                return true;
            }
        }
        return false;
    }

    private static Bytes part(Bytes b, long from, long count) {
        if (count < 0) {
            throw new SqlException(
                    SqlState.SUBSTRING_ERROR, "negative substring length not allowed");
        }
        long start = Math.max(from - 1, 0);
        long end = Math.min(from - 1 + count, b.length());
        return start >= end
                ? Bytes.EMPTY
                : Bytes.wrap(Arrays.copyOfRange(b.array(), (int) start, (int) end));
    }

    private static Long position(Bytes b, Bytes wanted) {
        for (int i = 0; i + wanted.length() <= b.length(); i++) {
            if (Arrays.equals(
                    b.array(), i, i + wanted.length(), wanted.array(), 0, wanted.length())) {
                return i + 1L;
            }
        }
        return 0L;
    }

    private static int index(Bytes b, long n) {
        if (n < 0 || n >= b.length()) {
            throw new SqlException(
                    SqlState.ARRAY_SUBSCRIPT_ERROR,
                    "index " + n + " out of valid range, 0.." + (b.length() - 1));
        }
        return (int) n;
    }

    private static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has " + algorithm, e);
        }
    }

    private static String hex(String algorithm, byte[] bytes) {
        return HexFormat.of().formatHex(digest(algorithm, bytes));
    }

    private static SqlException unknown(String format) {
        return SqlErrors.invalidParameter("unrecognized encoding: \"" + format + "\"");
    }

    private static String encode(Bytes b, String format) {
        return switch (format.toLowerCase(Locale.ROOT)) {
            case "hex" -> b.hex();
            // Lines of 76 characters that end in a bare newline.
            case "base64" -> Base64.getMimeEncoder(76, new byte[] {'\n'}).encodeToString(b.array());
            case "escape" -> escape(b);
            default -> throw unknown(format);
        };
    }

    private static String escape(Bytes b) {
        StringBuilder out = new StringBuilder();
        for (byte c : b.array()) {
            if (c == '\\') {
                out.append("\\\\");
            } else if (c == 0 || c < 0) {
                out.append(String.format("\\%03o", c & 0xFF));
            } else {
                out.append((char) c);
            }
        }
        return out.toString();
    }

    private static Bytes decode(String s, String format) {
        return switch (format.toLowerCase(Locale.ROOT)) {
            case "hex" -> (Bytes) TextFormat.parse(Types.BYTEA, "\\x" + s, FormatSettings.UTC);
            case "base64" -> base64(s);
            case "escape" -> {
                // As bytea's own escape input, in which a leading \x would mean hex.
                if (s.startsWith("\\x")) {
                    throw new SqlException(
                            SqlState.INVALID_TEXT_REPRESENTATION,
                            "invalid input syntax for type bytea");
                }
                yield (Bytes) TextFormat.parse(Types.BYTEA, s, FormatSettings.UTC);
            }
            default -> throw unknown(format);
        };
    }

    /** Base64 with blanks anywhere, which must be complete. */
    private static Bytes base64(String s) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(s.length() * 3 / 4);
        int bits = 0;
        int count = 0;
        int padding = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                continue;
            }
            int value = 0;
            if (c == '=') {
                if (padding == 0 && count < 2) {
                    throw SqlErrors.invalidParameter(
                            "unexpected \"=\" while decoding base64 sequence");
                }
                padding = padding == 0 ? (count == 2 ? 1 : 2) : padding;
            } else {
                value = BASE64.indexOf(c);
                if (value < 0) {
                    throw SqlErrors.invalidParameter(
                            "invalid symbol \""
                                    + s.substring(i, s.offsetByCodePoints(i, 1))
                                    + "\" found while decoding base64 sequence");
                }
            }
            bits = bits << 6 | value;
            if (++count == 4) {
                out.write(bits >> 16);
                if (padding == 0 || padding > 1) {
                    out.write(bits >> 8);
                }
                if (padding == 0 || padding > 2) {
                    out.write(bits);
                }
                bits = 0;
                count = 0;
            }
        }
        if (count != 0) {
            throw SqlErrors.invalidParameter("invalid base64 end sequence")
                    .withHint(
                            "Input data is missing padding, is truncated, or is otherwise"
                                    + " corrupted.");
        }
        return Bytes.wrap(out.toByteArray());
    }
}
