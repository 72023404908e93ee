package dev.driftdb.bench;

/** One group of lines of the table. Run by the main thread, one after the other. */
interface Benchmark {
    /** The word that {@code --only} knows it by. */
    String name();

    /**
     * Measures and adds its lines.
     *
     * @throws Exception if it could not measure, or if the database gave a wrong answer meanwhile:
     *     a figure of wrong answers is none
     */
    void run(Rig rig, FigureTable table) throws Exception;
}
