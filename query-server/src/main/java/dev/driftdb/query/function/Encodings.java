package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BYTEA;
import static dev.driftdb.schemas.type.Types.INT4;
import static dev.driftdb.schemas.type.Types.NAME;
import static dev.driftdb.schemas.type.Types.TEXT;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.Bytes;
import dev.driftdb.schemas.type.Utf8;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Character sets: convert, convert_from, convert_to, and the length of text in one of them. */
final class Encodings {
    private static final String DATABASE = "UTF8";

    /** PostgreSQL's names of the encodings that take one byte a character, by Java's. */
    private static final Map<String, String> SINGLE_BYTE = new LinkedHashMap<>();

    static {
        SINGLE_BYTE.put("LATIN1", "ISO-8859-1");
        SINGLE_BYTE.put("LATIN2", "ISO-8859-2");
        SINGLE_BYTE.put("LATIN3", "ISO-8859-3");
        SINGLE_BYTE.put("LATIN4", "ISO-8859-4");
        SINGLE_BYTE.put("LATIN5", "ISO-8859-9");
        SINGLE_BYTE.put("LATIN7", "ISO-8859-13");
        SINGLE_BYTE.put("LATIN9", "ISO-8859-15");
        SINGLE_BYTE.put("WIN1250", "windows-1250");
        SINGLE_BYTE.put("WIN1251", "windows-1251");
        SINGLE_BYTE.put("WIN1252", "windows-1252");
        SINGLE_BYTE.put("WIN1253", "windows-1253");
        SINGLE_BYTE.put("WIN1254", "windows-1254");
        SINGLE_BYTE.put("WIN1257", "windows-1257");
        SINGLE_BYTE.put("KOI8R", "KOI8-R");
        SINGLE_BYTE.put("KOI8U", "KOI8-U");
    }

    private Encodings() {}

    static void define(Definitions d) {
        d.fn("convert_to", TEXT, NAME, BYTEA, (String s, String to) -> encode(s, to));
        d.fn("convert_from", BYTEA, NAME, TEXT, (Bytes b, String from) -> decode(b, from));
        d.fn(
                "convert",
                BYTEA,
                NAME,
                NAME,
                BYTEA,
                (Bytes b, String from, String to) -> encode(decode(b, from), to));
        d.fn(
                "length",
                BYTEA,
                NAME,
                INT4,
                (Bytes b, String encoding) -> {
                    if (name(encoding) == null) {
                        throw SqlErrors.invalidParameter(
                                "invalid encoding name \"" + encoding + "\"");
                    }
                    return (long) StringFunctions.length(decode(b, encoding));
                });
        d.fn(
                "pg_encoding_max_length",
                INT4,
                INT4,
                (Long encoding) -> encoding == UTF8_NUMBER ? (Long) UTF8_BYTES_MAX : null);
    }

    /** pg_enc's number of UTF8, and the bytes that a character of it takes at most. */
    private static final long UTF8_NUMBER = 6;

    private static final long UTF8_BYTES_MAX = 4;

    /** PostgreSQL's name of an encoding by any spelling of it. */
    private static @Nullable String name(String written) {
        String plain = written.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "");
        return switch (plain) {
            case "UTF8", "UNICODE" -> DATABASE;
            case "SQLASCII" -> "SQL_ASCII";
            case "ISO88591" -> "LATIN1";
            case "WINDOWS1252" -> "WIN1252";
            default -> SINGLE_BYTE.containsKey(plain) ? plain : null;
        };
    }

    private static String decode(Bytes bytes, String from) {
        String name = name(from);
        if (name == null) {
            throw SqlErrors.invalidParameter("invalid source encoding name \"" + from + "\"");
        }
        String charset = SINGLE_BYTE.get(name);
        if (charset == null) {
            return Utf8.decode(bytes.array());
        }
        try {
            return Charset.forName(charset)
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.array()))
                    .toString();
        } catch (CharacterCodingException _) {
            throw noEquivalent(bytes.array(), name, DATABASE);
        }
    }

    private static Bytes encode(String text, String to) {
        String name = name(to);
        if (name == null) {
            throw SqlErrors.invalidParameter("invalid destination encoding name \"" + to + "\"");
        }
        String charset = SINGLE_BYTE.get(name);
        if (charset == null) {
            return Bytes.wrap(StringFunctions.utf8(text));
        }
        Charset target = Charset.forName(charset);
        for (int c : text.codePoints().toArray()) {
            String one = Character.toString(c);
            if (!target.newEncoder().canEncode(one)) {
                throw noEquivalent(one.getBytes(StandardCharsets.UTF_8), DATABASE, name);
            }
        }
        ByteBuffer encoded = target.encode(CharBuffer.wrap(text));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return Bytes.wrap(bytes);
    }

    private static SqlException noEquivalent(byte[] bytes, String from, String to) {
        StringJoiner shown = new StringJoiner(" ");
        for (byte b : bytes) {
            shown.add("0x" + HexFormat.of().toHexDigits(b));
        }
        return new SqlException(
                SqlState.UNTRANSLATABLE_CHARACTER,
                "character with byte sequence "
                        + shown
                        + " in encoding \""
                        + from
                        + "\" has no equivalent in encoding \""
                        + to
                        + "\"");
    }
}
