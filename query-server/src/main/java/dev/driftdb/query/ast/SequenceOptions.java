package dev.driftdb.query.ast;

import org.jspecify.annotations.Nullable;

/** What was said; null for what was not. {@code restart}: RESTART without a value is start. */
public record SequenceOptions(
        @Nullable Long start,
        @Nullable Long increment,
        @Nullable Long min,
        @Nullable Long max,
        boolean noMin,
        boolean noMax,
        @Nullable Long cache,
        @Nullable Boolean cycle,
        boolean restart,
        @Nullable Long restartWith,
        @Nullable QualifiedName ownedBy) {
    public static final SequenceOptions NONE =
            new SequenceOptions(
                    null, null, null, null, false, false, null, null, false, null, null);

    /** Both; where both say something, the other's. */
    public SequenceOptions with(SequenceOptions other) {
        return new SequenceOptions(
                other.start != null ? other.start : start,
                other.increment != null ? other.increment : increment,
                other.min != null ? other.min : min,
                other.max != null ? other.max : max,
                noMin || other.noMin,
                noMax || other.noMax,
                other.cache != null ? other.cache : cache,
                other.cycle != null ? other.cycle : cycle,
                restart || other.restart,
                other.restartWith != null ? other.restartWith : restartWith,
                other.ownedBy != null ? other.ownedBy : ownedBy);
    }
}
