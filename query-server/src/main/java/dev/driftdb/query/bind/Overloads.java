package dev.driftdb.query.bind;

import dev.driftdb.schemas.type.SqlType;
import dev.driftdb.schemas.type.Types;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among overloads: PostgreSQL manual, "Operator Type Resolution" and "Function Type
 * Resolution" (func_match_argtypes, func_select_candidate).
 */
final class Overloads {
    /**
     * @param types the declared type per actual argument, a variadic one repeated
     * @param expanded whether the last declared argument was repeated that way
     */
    record Candidate<T>(T target, List<SqlType> types, boolean expanded) {}

    /** What came out: one, none, or several equally good. */
    record Choice<T>(@Nullable Candidate<T> candidate, boolean ambiguous) {}

    private static final char STRING = 'S';
    private static final char NO_CATEGORY = 0;

    private final Coercion coercion;

    Overloads(Coercion coercion) {
        this.coercion = coercion;
    }

    /** For functions: an exact match first. */
    <T> Choice<T> chooseFunction(List<Candidate<T>> candidates, List<SqlType> actual) {
        for (Candidate<T> candidate : candidates) {
            if (candidate.types().equals(actual)) {
                return new Choice<>(candidate, false);
            }
        }
        return choose(candidates, actual);
    }

    /** For operators: a lone unknown operand is first taken for the other's type. */
    <T> Choice<T> chooseOperator(List<Candidate<T>> candidates, List<SqlType> actual) {
        List<SqlType> assumed = new ArrayList<>(actual);
        if (actual.size() == 2) {
            if (actual.get(0).equals(Types.UNKNOWN)) {
                assumed.set(0, actual.get(1));
            } else if (actual.get(1).equals(Types.UNKNOWN)) {
                assumed.set(1, actual.get(0));
            }
        }
        for (Candidate<T> candidate : candidates) {
            if (candidate.types().equals(assumed)) {
                return new Choice<>(candidate, false);
            }
        }
        return choose(candidates, actual);
    }

    private boolean matches(List<SqlType> declared, List<SqlType> actual) {
        for (int i = 0; i < declared.size(); i++) {
            SqlType want = declared.get(i);
            if (!want.isPseudo() && !coercion.canCoerceImplicitly(actual.get(i), want)) {
                return false;
            }
        }
        Polymorphism poly = Polymorphism.resolve(declared, actual, coercion);
        if (poly == null) {
            return false;
        }
        for (int i = 0; i < declared.size(); i++) {
            if (declared.get(i).isPseudo()
                    && !coercion.canCoerceImplicitly(actual.get(i), poly.types().get(i))) {
                return false;
            }
        }
        return true;
    }

    private <T> Choice<T> choose(List<Candidate<T>> all, List<SqlType> actual) {
        List<Candidate<T>> left = new ArrayList<>();
        for (Candidate<T> candidate : all) {
            if (matches(candidate.types(), actual)) {
                left.add(candidate);
            }
        }
        if (left.size() <= 1) {
            return result(left);
        }
        left = best(left, actual, false);
        if (left.size() == 1) {
            return result(left);
        }
        left = best(left, actual, true);
        if (left.size() == 1) {
            return result(left);
        }
        if (!actual.contains(Types.UNKNOWN)) {
            return new Choice<>(null, true);
        }
        left = byUnknownCategories(left, actual);
        if (left.size() == 1) {
            return result(left);
        }
        return byOnlyKnownType(left, actual);
    }

    private static <T> Choice<T> result(List<Candidate<T>> left) {
        return left.size() == 1
                ? new Choice<>(left.getFirst(), false)
                : new Choice<>(null, !left.isEmpty());
    }

    /** Those with the most arguments that match exactly, or (then) are preferred types. */
    private static <T> List<Candidate<T>> best(
            List<Candidate<T>> candidates, List<SqlType> actual, boolean preferredToo) {
        int most = -1;
        List<Candidate<T>> kept = new ArrayList<>();
        for (Candidate<T> candidate : candidates) {
            int count = 0;
            for (int i = 0; i < actual.size(); i++) {
                SqlType have = actual.get(i);
                SqlType want = candidate.types().get(i);
                if (!have.equals(Types.UNKNOWN)
                        && (want.equals(have)
                                || (preferredToo
                                        && want.category() == have.category()
                                        && want.preferred()))) {
                    count++;
                }
            }
            if (count > most) {
                most = count;
                kept.clear();
            }
            if (count == most) {
                kept.add(candidate);
            }
        }
        return kept;
    }

    private static <T> List<Candidate<T>> byUnknownCategories(
            List<Candidate<T>> candidates, List<SqlType> actual) {
        char[] categories = new char[actual.size()];
        boolean[] preferred = new boolean[actual.size()];
        for (int i = 0; i < actual.size(); i++) {
            if (!actual.get(i).equals(Types.UNKNOWN)) {
                continue;
            }
            char category = NO_CATEGORY;
            boolean hasPreferred = false;
            boolean conflict = false;
            for (Candidate<T> candidate : candidates) {
                SqlType want = candidate.types().get(i);
                if (category == NO_CATEGORY) {
                    category = want.category();
                    hasPreferred = want.preferred();
                } else if (category == want.category()) {
                    hasPreferred |= want.preferred();
                } else if (want.category() == STRING) {
                    category = STRING;
                    hasPreferred = want.preferred();
                } else {
                    conflict = true;
                }
            }
            if (conflict && category != STRING) {
                return candidates;
            }
            categories[i] = category;
            preferred[i] = hasPreferred;
        }
        List<Candidate<T>> kept = new ArrayList<>();
        for (Candidate<T> candidate : candidates) {
            boolean keep = true;
            for (int i = 0; i < actual.size() && keep; i++) {
                if (categories[i] != NO_CATEGORY) {
                    SqlType want = candidate.types().get(i);
                    keep = want.category() == categories[i] && (!preferred[i] || want.preferred());
                }
            }
            if (keep) {
                kept.add(candidate);
            }
        }
        return kept.isEmpty() ? candidates : kept;
    }

    private <T> Choice<T> byOnlyKnownType(List<Candidate<T>> candidates, List<SqlType> actual) {
        Set<SqlType> known = new HashSet<>(actual);
        known.remove(Types.UNKNOWN);
        if (known.size() != 1) {
            return new Choice<>(null, true);
        }
        SqlType type = known.iterator().next();
        List<SqlType> assumed = actual.stream().map(any -> type).toList();
        List<Candidate<T>> kept = new ArrayList<>();
        for (Candidate<T> candidate : candidates) {
            if (matches(candidate.types(), assumed)) {
                kept.add(candidate);
            }
        }
        return kept.size() == 1 ? result(kept) : new Choice<>(null, true);
    }
}
