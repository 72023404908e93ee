package dev.driftdb.materializer.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * When snapshots are taken, and which of them stay.
 *
 * @param everyEntries of the log; whichever of the two comes first
 * @param every so long after the one before, if anything was committed since
 * @param kept so many of the newest stay
 * @param keptDays and the last one of each of so many days (UTC) before
 */
public record SnapshotPolicy(long everyEntries, Duration every, int kept, int keptDays) {
    private static final long ENTRIES = 1_000_000;
    private static final Duration TIME = Duration.ofHours(24);
    private static final int KEPT = 3;
    private static final int DAYS = 7;

    public static final SnapshotPolicy DEFAULT = new SnapshotPolicy(ENTRIES, TIME, KEPT, DAYS);

    public SnapshotPolicy {
        if (everyEntries < 1 || every.isNegative() || every.isZero() || kept < 1 || keptDays < 0) {
            throw new IllegalArgumentException(
                    "snapshots are taken after at least one entry and some time, and one is kept");
        }
    }

    /**
     * @param entries since the last one
     * @param since when that was taken
     */
    boolean isDue(long entries, Instant since, Instant now) {
        return entries > 0 && (entries >= everyEntries || !now.isBefore(since.plus(every)));
    }

    /** Those that are to go. */
    List<Snapshot> thinned(List<Snapshot> all, Instant now) {
        List<Snapshot> newestFirst = new ArrayList<>(all);
        newestFirst.sort(Comparator.comparing(Snapshot::taken).reversed());
        LocalDate oldest = now.atZone(ZoneOffset.UTC).toLocalDate().minusDays(keptDays);
        Set<LocalDate> days = new HashSet<>();
        List<Snapshot> gone = new ArrayList<>();
        for (int i = 0; i < newestFirst.size(); i++) {
            Snapshot snapshot = newestFirst.get(i);
            LocalDate day = snapshot.taken().atZone(ZoneOffset.UTC).toLocalDate();
            boolean lastOfDay = days.add(day);
            if (i >= kept && !(lastOfDay && day.isAfter(oldest))) {
                gone.add(snapshot);
            }
        }
        return gone;
    }
}
