package dev.driftdb.query.function;

import static dev.driftdb.schemas.type.Types.BOOL;
import static dev.driftdb.schemas.type.Types.TEXT;
import static dev.driftdb.schemas.type.Types.TEXT_ARRAY;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.type.SqlArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** parse_ident(): a qualified identifier split into its parts as SQL's scanner reads them. */
final class IdentifierText {
    private final String text;
    private int at;

    private IdentifierText(String text) {
        this.text = text;
    }

    static void define(Definitions d) {
        d.define("parse_ident", TEXT_ARRAY, TEXT, BOOL)
                .defaults(1)
                .eval((a, _) -> {
                    boolean strict = a.length < 2 || Boolean.TRUE.equals(a[1]);
                    String text = (String) Objects.requireNonNull(a[0]);
                    return SqlArray.of(TEXT, new IdentifierText(text).parts(strict));
                });
    }

    /**
     * @param strict whether anything after the identifier is an error
     */
    private List<String> parts(boolean strict) {
        List<String> parts = new ArrayList<>();
        blanks();
        boolean afterDot = false;
        while (true) {
            if (at < text.length() && text.charAt(at) == '"') {
                parts.add(quoted());
            } else if (at < text.length() && isStart(text.charAt(at))) {
                parts.add(plain());
            } else if (at < text.length() && text.charAt(at) == '.') {
                throw invalid().withDetail("No valid identifier before \".\".");
            } else {
                throw afterDot
                        ? invalid().withDetail("No valid identifier after \".\".")
                        : invalid();
            }
            blanks();
            if (at < text.length() && text.charAt(at) == '.') {
                afterDot = true;
                at++;
                blanks();
            } else if (at < text.length() && strict) {
                throw invalid();
            } else {
                return parts;
            }
        }
    }

    private String quoted() {
        StringBuilder part = new StringBuilder();
        int i = at + 1;
        while (true) {
            int quote = text.indexOf('"', i);
            if (quote < 0) {
                throw invalid().withDetail("String has unclosed double quotes.");
            }
            part.append(text, i, quote);
            i = quote + 1;
            if (i < text.length() && text.charAt(i) == '"') {
                part.append('"');
                i++;
            } else {
                break;
            }
        }
        if (part.isEmpty()) {
            throw invalid().withDetail("Quoted identifier must not be empty.");
        }
        at = i;
        return part.toString();
    }

    private String plain() {
        int start = at;
        while (at < text.length() && isPart(text.charAt(at))) {
            at++;
        }
        StringBuilder part = new StringBuilder(at - start);
        for (int i = start; i < at; i++) {
            char c = text.charAt(i);
            part.append(c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c);
        }
        return part.toString();
    }

    private void blanks() {
        while (at < text.length() && " \t\n\r\f".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private static boolean isStart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    }

    private static boolean isPart(char c) {
        return isStart(c) || (c >= '0' && c <= '9') || c == '$';
    }

    private SqlException invalid() {
        return SqlErrors.invalidParameter("string is not a valid identifier: \"" + text + "\"");
    }
}
