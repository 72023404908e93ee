package dev.driftdb.query.session;

import dev.driftdb.schemas.error.SqlException;
import dev.driftdb.schemas.error.SqlState;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The sequence values that a session was given last. For the session's thread only. */
final class SequenceValues {
    private final Map<Integer, Long> bySequence = new HashMap<>();
    private @Nullable Long last;

    void remember(int sequenceId, long value) {
        bySequence.put(sequenceId, value);
        last = value;
    }

    /** currval(); null if the session has called nextval() for it never. */
    @Nullable Long of(int sequenceId) {
        return bySequence.get(sequenceId);
    }

    /** lastval(). */
    long last() {
        if (last == null) {
            throw new SqlException(
                    SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "lastval is not yet defined in this session");
        }
        return last;
    }

    void forget() {
        bySequence.clear();
        last = null;
    }
}
