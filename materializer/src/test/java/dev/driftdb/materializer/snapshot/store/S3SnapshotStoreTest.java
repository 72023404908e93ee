package dev.driftdb.materializer.snapshot.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Against S3Proxy, a server of the S3 protocol, which keeps objects in memory. */
final class S3SnapshotStoreTest extends SnapshotStoreContract {
    private static final String BUCKET = "backups";
    private static final String PREFIX = "driftdb/main";
    private static final String USER = "aws.accessKeyId";
    private static final String SECRET = "aws.secretAccessKey";

    private static S3Proxy server;
    private static URI endpoint;
    private static S3Client client;

    /** Two keys in an answer, where S3 has a thousand. */
    private static final class ShortLists extends ForwardingBlobStore {
        ShortLists() {
            super(new TransientNio2BlobStore());
        }

        @Override
        public ListObjectsV2Response list(ListObjectsV2Request request) {
            return super.list(request.toBuilder().maxKeys(2).build());
        }
    }

    @BeforeAll
    static void start() throws Exception {
        server =
                S3Proxy.builder()
                        .blobStore(new ShortLists())
                        .endpoint(URI.create("http://127.0.0.1:0"))
                        .awsAuthentication(AuthenticationType.AWS_V4, "user", "secret")
                        .build();
        server.start();
        endpoint = URI.create("http://127.0.0.1:" + server.getPort());
        // Where the SDK looks first, as a server's environment would say it.
        System.setProperty(USER, "user");
        System.setProperty(SECRET, "secret");
        client = S3Requests.client(new S3Location(endpoint, null, BUCKET, PREFIX), null);
        client.createBucket(r -> r.bucket(BUCKET));
    }

    @AfterAll
    static void stop() throws Exception {
        System.clearProperty(USER);
        System.clearProperty(SECRET);
        client.close();
        server.stop();
    }

    @AfterEach
    void empty() {
        for (String key : allKeys()) {
            client.deleteObject(r -> r.bucket(BUCKET).key(key));
        }
    }

    @Override
    SnapshotStore open() {
        return open(BUCKET, "secret");
    }

    private static SnapshotStore open(String bucket, String secret) {
        AwsCredentialsProvider credentials =
                StaticCredentialsProvider.create(AwsBasicCredentials.create("user", secret));
        return new S3SnapshotStore(endpoint, "eu-central-1", bucket, PREFIX, credentials);
    }

    private static List<String> allKeys() {
        return client.listObjectsV2Paginator(r -> r.bucket(BUCKET)).contents().stream()
                .map(S3Object::key)
                .toList();
    }

    @Override
    List<String> keys() {
        return allKeys().stream().map(key -> key.substring(PREFIX.length() + 1)).toList();
    }

    @Override
    byte[] read(String key) {
        return client.getObjectAsBytes(r -> r.bucket(BUCKET).key(PREFIX + "/" + key)).asByteArray();
    }

    @Override
    void write(String key, byte[] bytes) {
        client.putObject(
                r -> r.bucket(BUCKET).key(PREFIX + "/" + key), RequestBody.fromBytes(bytes));
    }

    @Test
    void a_file_of_many_megabytes_goes_and_comes() throws Exception {
        byte[] bytes = new byte[64 << 20];
        Arrays.fill(bytes, (byte) 'x');
        Path file = Files.write(local.resolve("1.sst"), bytes);
        StoredFile stored = new StoredFile("1.sst", bytes.length, Sha256.of(file));
        try (SnapshotStore store = open()) {
            store.put(stored.sha256(), file);
            store.fetch(stored, local.resolve("fetched"));
        }
        assertThat(Files.mismatch(file, local.resolve("fetched"))).isEqualTo(-1);
    }

    @Test
    void what_the_server_refuses_is_an_io_exception_that_says_so() {
        try (SnapshotStore store = open(BUCKET, "wrong")) {
            assertThatThrownBy(store::ids)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(store.location())
                    .hasMessageContaining("status 403");
        }
        try (SnapshotStore store = open("no-such-bucket", "secret")) {
            assertThatThrownBy(() -> store.publish(manifest(1, 1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no-such-bucket")
                    .hasMessageContaining("status 404");
        }
    }

    /** Another try may succeed; a snapshot that is called corrupt is not tried again. */
    @Test
    void a_connection_that_breaks_off_is_no_damage() throws Exception {
        try (ServerSocket half = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> answerHalf(half));
            URI uri = URI.create("http://127.0.0.1:" + half.getLocalPort());
            StoredFile file = new StoredFile("1.sst", 1000, "00".repeat(32));
            try (SnapshotStore store = new S3SnapshotStore(uri, null, BUCKET, "", null)) {
                assertThatThrownBy(() -> store.fetch(file, local.resolve("fetched")))
                        .isInstanceOf(IOException.class);
            }
            answered.join();
        }
        assertThat(local.resolve("fetched")).doesNotExist();
    }

    private static void answerHalf(ServerSocket server) {
        try (Socket socket = server.accept()) {
            assertThat(socket.getInputStream().read(new byte[8192])).isPositive();
            socket.getOutputStream()
                    .write(
                            "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf"
                                    .getBytes(US_ASCII));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://bucket",
                "s3://bucket/some/place",
                "s3://bucket?region=eu-central-1",
                "s3://bucket/place?endpoint=https://minio.example:9000",
                "s3://bucket/place?endpoint=http://[::1]:9000&region=x-1"
            })
    void a_location_is_shown_as_it_was_written(String location) {
        assertThat(S3Location.parse(location)).hasToString(location);
    }

    @Test
    void an_endpoint_may_be_escaped() {
        assertThat(S3Location.parse("s3://bucket/?endpoint=http%3A%2F%2Fhost%3A9000").endpoint())
                .isEqualTo(URI.create("http://host:9000"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://",
                "s3:///prefix",
                "s3://user:secret@bucket/prefix",
                "s3://bucket//prefix",
                "s3://bucket/a%20b",
                "s3://bucket/a b",
                "s3://bucket/prefix#fragment",
                "s3://bucket/prefix?zone=1",
                "s3://bucket/prefix?region=",
                "s3://bucket/prefix?endpoint=host:9000",
                "s3://bucket/prefix?endpoint=http://user:secret@host",
            })
    void a_location_that_is_none_is_named(String location) {
        assertThatThrownBy(() -> SnapshotStores.open(location))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + location + "\"");
    }
}
