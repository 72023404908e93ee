package dev.driftdb.query.session;

/**
 * The statement has to read what a transaction that it follows has written, and its view does not
 * show that yet: it is run once more from its beginning when it does.
 */
final class StaleViewException extends RuntimeException {
    StaleViewException() {
        super("the view is too old", null, false, false);
    }
}
