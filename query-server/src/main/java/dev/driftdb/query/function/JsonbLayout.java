package dev.driftdb.query.function;

import dev.driftdb.schemas.type.Json;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where a part of a jsonb value would lie in PostgreSQL's binary form of it: that is the id which
 * the jsonpath method keyvalue() shows of an object.
 */
final class JsonbLayout {
    private static final int HEADER = 4;
    private static final int ALIGNMENT = 4;

    /** Digits of a numeric are kept in groups of four, two bytes each. */
    private static final int GROUP = 4;

    private JsonbLayout() {}

    /** Bytes from the start of {@code whole} to {@code part}, one of its parts itself. */
    static long offset(Json whole, Json part) {
        long found = find(whole, part, 0);
        return Math.max(found, 0);
    }

    // Equal parts lie at several places: this very one is looked for.
    @SuppressWarnings("ReferenceEquality")
    private static long find(Json at, Json part, long position) {
        if (at == part) {
            return position;
        }
        long next = position + HEADER;
        List<Json> children;
        switch (at) {
            case Json.Arr(List<Json> items) -> {
                children = items;
                next += (long) HEADER * items.size();
            }
            case Json.Obj(var members) -> {
                children = new ArrayList<>(members.values());
                next += 2L * HEADER * members.size();
                for (String key : members.keySet()) {
                    next += bytes(key);
                }
            }
            default -> {
                return -1;
            }
        }
        for (Json child : children) {
            if (child instanceof Json.Arr || child instanceof Json.Obj) {
                long found = find(child, part, aligned(next));
                if (found >= 0) {
                    return found;
                }
            }
            next = end(child, next);
        }
        return -1;
    }

    private static long bytes(String s) {
        return s.getBytes(StandardCharsets.UTF_8).length;
    }

    private static long aligned(long position) {
        return (position + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Where a value ends that is written at {@code position}. */
    private static long end(Json value, long position) {
        return switch (value) {
            case Json.Null _, Json.Bool _ -> position;
            case Json.Str(String s) -> position + bytes(s);
            case Json.Num(BigDecimal n) -> aligned(position) + numeric(n);
            case Json.Arr(List<Json> items) -> {
                long at = aligned(position) + HEADER + (long) HEADER * items.size();
                for (Json item : items) {
                    at = end(item, at);
                }
                yield at;
            }
            case Json.Obj(var members) -> {
                long at = aligned(position) + HEADER + 2L * HEADER * members.size();
                for (String key : members.keySet()) {
                    at += bytes(key);
                }
                for (Map.Entry<String, Json> member : members.entrySet()) {
                    at = end(member.getValue(), at);
                }
                yield at;
            }
        };
    }

    private static long numeric(BigDecimal n) {
        if (n.signum() == 0) {
            return HEADER + 2;
        }
        BigDecimal plain = n.stripTrailingZeros();
        int first = Math.floorDiv(plain.precision() - plain.scale() - 1, GROUP);
        int last = Math.floorDiv(-plain.scale(), GROUP);
        boolean small = n.scale() <= 63 && first >= -64 && first <= 63;
        return HEADER + (small ? 2 : 4) + 2L * (first - last + 1);
    }
}
