package dev.driftdb.query.execute;

/**
 * What a statement has read and written so far, or a part of it.
 *
 * @param hits blocks of the state that were in memory
 * @param reads blocks of the state that came from files
 * @param temporaryRead bytes from temporary files
 * @param temporaryWritten bytes to temporary files
 */
public record Resources(long hits, long reads, long temporaryRead, long temporaryWritten) {
    public static final Resources NONE = new Resources(0, 0, 0, 0);

    public Resources plus(Resources other) {
        return new Resources(
                hits + other.hits,
                reads + other.reads,
                temporaryRead + other.temporaryRead,
                temporaryWritten + other.temporaryWritten);
    }

    public Resources minus(Resources other) {
        return new Resources(
                hits - other.hits,
                reads - other.reads,
                temporaryRead - other.temporaryRead,
                temporaryWritten - other.temporaryWritten);
    }
}
