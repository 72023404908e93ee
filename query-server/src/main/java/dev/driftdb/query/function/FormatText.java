package dev.driftdb.query.function;

import dev.driftdb.query.expr.EvalContext;
import dev.driftdb.query.function.StringFunctions.Argument;
import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.TextFormat;
import dev.driftdb.schemas.type.Types;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** format(): %s, %I, %L and %% with position, width and the flag for left alignment. */
final class FormatText {
    private static final Pattern SPECIFIER =
            Pattern.compile(
                    "%(?:%|(?:(\\d+)\\$)?(-)?(\\d+|\\*(?:(\\d+)\\$)?)?(.)?)", Pattern.DOTALL);

    private FormatText() {}

    static String format(@Nullable Object[] arguments, List<SqlType> types, EvalContext context) {
        String template = (String) Objects.requireNonNull(arguments[0]);
        List<Argument> values = StringFunctions.spread(arguments, 1, types);
        StringBuilder out = new StringBuilder();
        Matcher m = SPECIFIER.matcher(template);
        int done = 0;
        int next = 0;
        while (m.find()) {
            out.append(template, done, m.start());
            done = m.end();
            if (m.group().equals("%%")) {
                out.append('%');
                continue;
            }
            if (m.group(1) != null) {
                next = position(m.group(1)) - 1;
            }
            String conversion = m.group(5);
            if (conversion == null) {
                throw SqlErrors.invalidParameter("unterminated format() type specifier")
                        .withHint("For a single \"%\" use \"%%\".");
            }
            boolean left = m.group(2) != null;
            int width = 0;
            String widthText = m.group(3);
            if (widthText != null && widthText.startsWith("*")) {
                int at = m.group(4) == null ? next : position(m.group(4)) - 1;
                if (m.group(1) == null) {
                    // The value follows its width.
                    next = at + 1;
                }
                width = width(argument(values, at), context);
                left |= width < 0;
                width = Math.abs(width);
            } else if (widthText != null) {
                width = number(widthText);
            }
            if (!"sIL".contains(conversion)) {
                throw SqlErrors.invalidParameter(
                                "unrecognized format() type specifier \"" + conversion + "\"")
                        .withHint("For a single \"%\" use \"%%\".");
            }
            if (width > StringFunctions.LENGTH_MAX) {
                throw new SqlException(
                        SqlState.PROGRAM_LIMIT_EXCEEDED, "requested length too large");
            }
            String text = convert(conversion.charAt(0), argument(values, next++), context);
            String padding = " ".repeat(Math.max(0, width - StringFunctions.length(text)));
            out.append(left ? text + padding : padding + text);
        }
        return out.append(template, done, template.length()).toString();
    }

    private static int number(String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException _) {
            throw new SqlException(SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "number is out of range");
        }
    }

    private static int position(String digits) {
        int position = number(digits);
        if (position == 0) {
            throw SqlErrors.invalidParameter(
                    "format specifies argument 0, but arguments are numbered from 1");
        }
        return position;
    }

    /** The width that an argument gives; NULL is none. */
    private static int width(Argument argument, EvalContext context) {
        Object value = argument.value();
        if (value == null) {
            return 0;
        }
        String text = StringFunctions.output(argument.type(), value, context);
        return (int) (long) (Long) TextFormat.parse(Types.INT4, text, context.format());
    }

    private static Argument argument(List<Argument> values, int index) {
        if (index >= values.size()) {
            throw SqlErrors.invalidParameter("too few arguments for format()");
        }
        return values.get(index);
    }

    private static String convert(char conversion, Argument argument, EvalContext context) {
        Object value = argument.value();
        if (value == null) {
            if (conversion == 'I') {
                throw new SqlException(
                        SqlState.NULL_VALUE_NOT_ALLOWED,
                        "null values cannot be formatted as an SQL identifier");
            }
            return conversion == 'L' ? "NULL" : "";
        }
        String text = StringFunctions.output(argument.type(), value, context);
        return switch (conversion) {
            case 'I' -> RegNames.quoteIdentifier(text);
            case 'L' -> StringFunctions.quoteLiteral(text);
            default -> text;
        };
    }
}
