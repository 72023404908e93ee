package dev.driftdb.materializer.changelog;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.errors.WakeupException;
import org.junit.jupiter.api.Test;

class PacingTest {
    private static final int ROWS = 1_000;

    @Test
    void a_publisher_that_is_to_stop_does_not_end_a_large_entry_first() {
        CountDownLatch stopped = new CountDownLatch(1);
        Pacing pacing = new Pacing(stopped);
        pacing.beginTransaction();
        assertThatCode(() -> steps(pacing)).doesNotThrowAnyException();
        stopped.countDown();
        assertThatThrownBy(() -> steps(pacing)).isInstanceOf(WakeupException.class);
    }

    private static void steps(Pacing pacing) {
        for (int row = 0; row < ROWS; row++) {
            pacing.step();
        }
    }
}
