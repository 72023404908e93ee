package dev.driftdb.query.catalog;

import dev.driftdb.schemas.type.SqlArray;
import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Storage;
import dev.driftdb.schemas.type.Types;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the catalog says of types besides {@link SqlType}: layout, collation, operators. */
final class TypeData {
    private static final int EQUAL = 3;

    /** The columns of {@code types.txt} after the name. */
    record Details(
            boolean byValue, String align, String storage, long collation, List<Long> functions) {}

    /** A default operator class of btree. */
    record OperatorClass(int oid, String name, int family, String familyName, int type) {}

    private static final Details NONE =
            new Details(false, "i", "p", 0, List.of(0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L));

    private final Map<Integer, Details> details = new HashMap<>();
    private final Map<Integer, OperatorClass> operatorClasses = new HashMap<>();
    private final Map<Integer, Long> equality = new HashMap<>();

    TypeData() {
        for (String[] words : DataFile.words("types.txt")) {
            List<Long> functions =
                    List.of(words).subList(6, words.length).stream().map(Long::valueOf).toList();
            details.put(
                    Integer.valueOf(words[0]),
                    new Details(
                            words[2].equals("t"),
                            words[3],
                            words[4],
                            Long.parseLong(words[5]),
                            functions));
        }
        for (String[] words : DataFile.words("opclasses.txt")) {
            int type = Integer.parseInt(words[4]);
            operatorClasses.put(
                    type,
                    new OperatorClass(
                            Integer.parseInt(words[0]),
                            words[1],
                            Integer.parseInt(words[2]),
                            words[3],
                            type));
        }
        for (String[] words : DataFile.words("amops.txt")) {
            if (words[2].equals(words[3]) && Integer.parseInt(words[4]) == EQUAL) {
                equality.put(Integer.valueOf(words[2]), Long.valueOf(words[5]));
            }
        }
    }

    Details of(SqlType type) {
        if (type.isEnum()) {
            return new Details(true, "i", "p", 0, NONE.functions());
        }
        if (type.definition() != null && !type.isDomain()) {
            return new Details(false, type.isArray() ? "i" : "d", "x", 0, NONE.functions());
        }
        return details.getOrDefault(type.oid(), NONE);
    }

    List<OperatorClass> operatorClasses() {
        return operatorClasses.values().stream()
                .sorted(java.util.Comparator.comparingInt(OperatorClass::oid))
                .toList();
    }

    /** The operator class an index over this type uses; 0 if the type has none. */
    long operatorClass(SqlType type) {
        OperatorClass found = operatorClasses.get(comparedAs(type));
        return found == null ? 0 : found.oid();
    }

    /** The operator = of this type, 0 if it has none. */
    long equality(SqlType type) {
        return equality.getOrDefault(comparedAs(type), 0L);
    }

    /** The type whose operators a type without its own is compared by. */
    private int comparedAs(SqlType given) {
        SqlType type = given.base();
        if (type.isEnum()) {
            return Types.ANYENUM.oid();
        }
        if (type.storage() == Storage.ROW) {
            return Types.RECORD.oid();
        }
        if (operatorClasses.containsKey(type.oid())) {
            return type.oid();
        }
        if (type.isArray()) {
            return Types.ANYARRAY.oid();
        }
        if (type.equals(Types.VARCHAR)) {
            return Types.TEXT.oid();
        }
        return type.name().startsWith("reg") ? Types.OID.oid() : type.oid();
    }

    /** An int2vector or oidvector: the only arrays whose subscripts begin at 0. */
    static SqlArray vector(SqlType element, List<? extends @Nullable Object> values) {
        return values.isEmpty()
                ? SqlArray.of(element, values)
                : new SqlArray(element, List.of(values.size()), List.of(0), List.copyOf(values));
    }

    static List<Long> longs(List<Integer> numbers) {
        return numbers.stream().map(Integer::longValue).toList();
    }
}
