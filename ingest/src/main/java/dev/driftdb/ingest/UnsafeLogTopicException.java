package dev.driftdb.ingest;

/** A topic cannot be a database's log, because with this setting committed rows would get lost. */
public final class UnsafeLogTopicException extends RuntimeException {
    private final String setting;
    private final String found;
    private final String wanted;

    UnsafeLogTopicException(String topic, String setting, String found, String wanted) {
        super(
                "topic \""
                        + topic
                        + "\" is not safe as a log: "
                        + setting
                        + " is "
                        + found
                        + ", but must be "
                        + wanted);
        this.setting = setting;
        this.found = found;
        this.wanted = wanted;
    }

    /** The Kafka name of the setting; "partitions" and "replication factor" for those. */
    public String setting() {
        return setting;
    }

    public String found() {
        return found;
    }

    public String wanted() {
        return wanted;
    }
}
