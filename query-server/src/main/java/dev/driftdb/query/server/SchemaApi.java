package dev.driftdb.query.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import dev.driftdb.schemas.avro.SchemaRegistry;
import dev.driftdb.schemas.avro.SchemaRegistry.Version;
import dev.driftdb.schemas.log.TopicNames;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database's schemas as Confluent's registry answers for them: {@code /subjects}, {@code
 * /subjects/S/versions}, {@code /subjects/S/versions/N} (or {@code latest}), {@code
 * /schemas/ids/N}, {@code /schemas/types}; {@code POST /subjects/S} looks a schema up and {@code
 * POST /subjects/S/versions} registers one, for subjects of events topics only. Errors have
 * Confluent's codes. Safe for any thread.
 */
final class SchemaApi {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaApi.class);
    private static final String TYPE = "application/vnd.schemaregistry.v1+json";
    private static final int BODY_BYTES_MAX = 1 << 20;

    private static final int SUBJECT_NOT_FOUND = 40401;
    private static final int VERSION_NOT_FOUND = 40402;
    private static final int SCHEMA_NOT_FOUND = 40403;
    private static final int INVALID_SCHEMA = 42201;
    private static final int INVALID_VERSION = 42202;
    private static final int STATUS_OF_CODE = 100;

    private final ObjectMapper json = new ObjectMapper();
    private final TopicServices topics;

    SchemaApi(TopicServices topics) {
        this.topics = topics;
    }

    /** Another answer than 200. */
    private static final class Failure extends Exception {
        private static final long serialVersionUID = 1;
        private final int code;

        Failure(int code, String message) {
            super(message);
            this.code = code;
        }

        int status() {
            return code >= 1000 ? code / STATUS_OF_CODE : code;
        }
    }

    void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            int status = 200;
            JsonNode body;
            try {
                body = answer(exchange);
            } catch (Failure e) {
                status = e.status();
                body = error(e.code, String.valueOf(e.getMessage()));
            } catch (IllegalStateException e) {
                LOG.warn("{} failed", exchange.getRequestURI(), e);
                status = 500;
                body = error(50001, "the schema registry cannot be reached");
            }
            byte[] bytes = json.writeValueAsBytes(body);
            exchange.getResponseHeaders().set("Content-Type", TYPE);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private JsonNode error(int code, String message) {
        return json.createObjectNode().put("error_code", code).put("message", message);
    }

    private JsonNode answer(HttpExchange exchange) throws Failure, IOException {
        SchemaRegistry registry = topics.registry();
        if (registry == null) {
            throw new Failure(50301, "the schema registry is not open yet");
        }
        List<String> path =
                Arrays.stream(exchange.getRequestURI().getRawPath().split("/"))
                        .filter(part -> !part.isEmpty())
                        .map(SchemaApi::decode)
                        .toList();
        return switch (exchange.getRequestMethod()) {
            case "GET" -> get(registry, path);
            case "POST" ->
                    post(registry, path, exchange.getRequestBody().readNBytes(BODY_BYTES_MAX + 1));
            default -> throw new Failure(405, "HTTP 405 Method Not Allowed");
        };
    }

    private static String decode(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private JsonNode get(SchemaRegistry registry, List<String> path) throws Failure {
        if (path.equals(List.of("subjects"))) {
            registry.refresh();
            return json.valueToTree(registry.subjects().keySet().stream().sorted().toList());
        } else if (path.equals(List.of("schemas", "types"))) {
            return json.createArrayNode().add("AVRO");
        } else if (path.size() == 3 && path.get(0).equals("schemas") && path.get(1).equals("ids")) {
            return json.createObjectNode().put("schema", schema(registry, path.get(2)).toString());
        } else if (path.size() >= 3
                && path.size() <= 4
                && path.get(0).equals("subjects")
                && path.get(2).equals("versions")) {
            List<Version> versions = versions(registry, path.get(1));
            if (path.size() == 3) {
                ArrayNode numbers = json.createArrayNode();
                versions.forEach(version -> numbers.add(version.version()));
                return numbers;
            }
            return described(registry, path.get(1), version(versions, path.get(3)));
        }
        throw new Failure(404, "HTTP 404 Not Found");
    }

    private JsonNode post(SchemaRegistry registry, List<String> path, byte[] body)
            throws Failure, IOException {
        boolean register = path.size() == 3 && path.get(2).equals("versions");
        if (path.isEmpty()
                || !path.getFirst().equals("subjects")
                || !(register || path.size() == 2)) {
            throw new Failure(404, "HTTP 404 Not Found");
        }
        String subject = path.get(1);
        Schema schema = parse(body);
        if (register) {
            if (!isOfEvents(topics.names(), subject)) {
                throw new Failure(40301, "Subject '" + subject + "' is none of an events topic.");
            }
            return json.createObjectNode().put("id", registry.idOf(subject, schema));
        }
        for (Version version : versions(registry, subject)) {
            if (schema.equals(registry.find(version.id()))) {
                return described(registry, subject, version);
            }
        }
        throw new Failure(SCHEMA_NOT_FOUND, "Schema not found");
    }

    /** What the database publishes has the schemas that follow from its tables, and no others. */
    private static boolean isOfEvents(TopicNames names, String subject) {
        int end = subject.lastIndexOf('-');
        return end > 0
                && (subject.endsWith("-key") || subject.endsWith("-value"))
                && names.tableOfEvents(subject.substring(0, end)) != null;
    }

    private Schema parse(byte[] body) throws Failure, IOException {
        if (body.length > BODY_BYTES_MAX) {
            throw new Failure(413, "a schema has at most " + BODY_BYTES_MAX + " bytes");
        }
        try {
            JsonNode request = json.readTree(body);
            JsonNode text = request == null ? null : request.get("schema");
            String type = request == null ? "AVRO" : request.path("schemaType").asText("AVRO");
            if (text == null || !text.isTextual() || !type.equals("AVRO")) {
                throw new Failure(INVALID_SCHEMA, "an Avro schema is wanted");
            }
            return new Schema.Parser().parse(text.asText());
        } catch (JsonProcessingException | AvroRuntimeException e) {
            throw new Failure(INVALID_SCHEMA, "Invalid schema: " + e.getMessage());
        }
    }

    private static Schema schema(SchemaRegistry registry, String id) throws Failure {
        Integer number = number(id);
        Schema schema = number == null ? null : registry.find(number);
        if (schema == null) {
            throw new Failure(SCHEMA_NOT_FOUND, "Schema " + id + " not found");
        }
        return schema;
    }

    private static List<Version> versions(SchemaRegistry registry, String subject) throws Failure {
        // Another node may have registered the newest.
        registry.refresh();
        List<Version> versions = registry.subjects().getOrDefault(subject, List.of());
        if (versions.isEmpty()) {
            throw new Failure(SUBJECT_NOT_FOUND, "Subject '" + subject + "' not found.");
        }
        return versions;
    }

    private static Version version(List<Version> versions, String wanted) throws Failure {
        if (wanted.equals("latest") || wanted.equals("-1")) {
            return versions.getLast();
        }
        Integer number = number(wanted);
        if (number == null || number < 1) {
            throw new Failure(
                    INVALID_VERSION,
                    "The specified version '"
                            + wanted
                            + "' is not a valid version id. Allowed values are between [1, 2^31-1]"
                            + " and the string \"latest\"");
        }
        for (Version version : versions) {
            if (version.version() == number) {
                return version;
            }
        }
        throw new Failure(VERSION_NOT_FOUND, "Version " + wanted + " not found.");
    }

    private static @Nullable Integer number(String text) {
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private ObjectNode described(SchemaRegistry registry, String subject, Version version)
            throws Failure {
        return json.createObjectNode()
                .put("subject", subject)
                .put("version", version.version())
                .put("id", version.id())
                .put("schema", schema(registry, Integer.toString(version.id())).toString());
    }
}
