package dev.driftdb.tests.history;

import java.util.List;

/**
 * What all clients saw.
 *
 * @param last a transaction that read every list and register after all others had ended
 */
record History(List<RecordedTransaction> transactions, RecordedTransaction last) {
    History {
        transactions = List.copyOf(transactions);
    }
}
