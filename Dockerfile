# DriftDB without a broker: it needs a Kafka cluster (see docker-compose.yml).
FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /src
COPY . .
RUN mvn -q -B -pl query-server -am -DskipTests -Dspotless.check.skip package

FROM eclipse-temurin:25-jre
# RocksDB's native library wants glibc's libstdc++, which the base has; curl is for the health check.
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system driftdb \
    && useradd --system --gid driftdb --home-dir /var/lib/driftdb driftdb \
    && install -d -o driftdb -g driftdb /var/lib/driftdb
COPY --from=build /src/query-server/target/lib/ /opt/driftdb/lib/
COPY --from=build /src/query-server/target/query-server-*.jar /opt/driftdb/
USER driftdb
VOLUME /var/lib/driftdb
# Inside a container every interface; what the world can reach is decided by the published ports.
ENV DRIFTDB_DATA_DIR=/var/lib/driftdb \
    DRIFTDB_LISTEN_ADDRESS=0.0.0.0 \
    DRIFTDB_HEAP=1g
EXPOSE 5433 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=10 \
    CMD curl -fsS http://127.0.0.1:8080/health || exit 1
ENTRYPOINT ["/bin/sh", "-c", "exec java --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Xms$DRIFTDB_HEAP -Xmx$DRIFTDB_HEAP -cp '/opt/driftdb/*:/opt/driftdb/lib/*' dev.driftdb.query.server.DriftDb \"$@\"", "driftdb"]
CMD ["start"]
