package dev.driftdb.schemas.type;

/**
 * A jsonb value in its canonical text: keys sorted by length then bytes, duplicates gone, ": " and
 * ", " between parts, numbers as written. Equal values have equal texts.
 */
public record Jsonb(String text) {
    @Override
    public String toString() {
        return text;
    }
}
