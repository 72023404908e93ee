package dev.driftdb.materializer.snapshot.store;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Snapshots in a bucket of S3 or of a server that speaks its protocol: {@code manifests/ID} and
 * {@code files/HH/SHA256} under a prefix, HH being the hash's first two digits.
 *
 * <p>Each file is one request with its length and its SHA-256, which the server checks if it knows
 * how; so a file may have 5 GiB, which is far more than RocksDB's have. What is there is read
 * strongly consistent from S3; a server that is less strict must not be used.
 *
 * <p>The bucket must exist. Who only fetches needs {@code s3:GetObject} and {@code s3:ListBucket},
 * who makes snapshots {@code s3:PutObject} and {@code s3:DeleteObject} besides. Requests that fail
 * for a passing reason are made again a few times by the SDK.
 */
public final class S3SnapshotStore implements SnapshotStore {
    private static final String MANIFESTS = "manifests/";
    private static final String FILES = "files/";

    private final S3Location location;
    private final S3Client client;

    /**
     * Asks the server for nothing yet.
     *
     * @param endpoint of a server that is not Amazon's; its buckets are then parts of the path
     * @param region null for the SDK's default, or {@code us-east-1} if there is an endpoint
     * @param prefix of all keys, empty for none
     * @param credentials null for the SDK's default: system properties {@code aws.accessKeyId} and
     *     {@code aws.secretAccessKey}, {@code AWS_*} of the environment, {@code ~/.aws}, the
     *     container's or the machine's role
     * @throws IllegalArgumentException if one of them is none, or no region is to be found
     */
    public S3SnapshotStore(
            @Nullable URI endpoint,
            @Nullable String region,
            String bucket,
            String prefix,
            @Nullable AwsCredentialsProvider credentials) {
        this(new S3Location(endpoint, region, bucket, prefix), credentials);
    }

    S3SnapshotStore(S3Location location, @Nullable AwsCredentialsProvider credentials) {
        this.location = location;
        this.client = S3Requests.client(location, credentials);
    }

    @Override
    public boolean holds(String sha256, long bytes) throws IOException {
        String key = fileKey(sha256);
        return S3Requests.send(
                "looking for " + key + " in " + location,
                () -> {
                    try {
                        return client.headObject(r -> r.bucket(location.bucket()).key(key))
                                        .contentLength()
                                == bytes;
                    } catch (NoSuchKeyException e) {
                        return false;
                    }
                });
    }

    @Override
    public void put(String sha256, Path file) throws IOException {
        if (holds(sha256, Files.size(file))) {
            return;
        }
        // Before it is sent: not every server looks at the hash that goes with it.
        String actual = Sha256.of(file);
        if (!actual.equals(sha256)) {
            throw new IOException(
                    file + " should have the sha256 " + sha256 + " and has " + actual);
        }
        put(fileKey(sha256), sha256, RequestBody.fromFile(file));
    }

    @Override
    public void fetch(StoredFile file, Path target) throws IOException, CorruptSnapshotException {
        try (ResponseInputStream<GetObjectResponse> in = open(file)) {
            boolean whole = false;
            try {
                CheckedCopy.fetch(readable(in), file, target, location());
                whole = true;
            } finally {
                if (!whole) {
                    in.abort(); // or closing it reads the rest
                }
            }
        }
        DurableFiles.syncParent(target.toAbsolutePath());
    }

    private ResponseInputStream<GetObjectResponse> open(StoredFile file)
            throws IOException, CorruptSnapshotException {
        try {
            return get(fileKey(file.sha256()));
        } catch (NoSuchFileException e) {
            throw CheckedCopy.missing(file, location(), e);
        }
    }

    @Override
    public void publish(SnapshotManifest manifest) throws IOException {
        byte[] bytes = manifest.encode();
        String key = location.key(MANIFESTS + manifest.id());
        put(key, Sha256.of(bytes, 0, bytes.length), RequestBody.fromBytes(bytes));
    }

    @Override
    public List<String> ids() throws IOException {
        String prefix = location.key(MANIFESTS);
        return keys(prefix).stream()
                .map(key -> SnapshotId.parse(key.substring(prefix.length())))
                .flatMap(Optional::stream)
                .sorted(Comparator.reverseOrder())
                .map(SnapshotId::toString)
                .toList();
    }

    @Override
    public SnapshotManifest manifest(String id) throws IOException, CorruptSnapshotException {
        try (InputStream in = get(location.key(MANIFESTS + SnapshotId.checked(id)))) {
            return ManifestText.read(readable(in), id, location());
        }
    }

    @Override
    public void delete(String id) throws IOException {
        deleteKey(location.key(MANIFESTS + SnapshotId.checked(id)));
    }

    @Override
    public int sweep(Set<String> keep) throws IOException {
        int deleted = 0;
        for (String key : keys(location.key(FILES))) {
            String sha256 = key.substring(key.lastIndexOf('/') + 1);
            if (Sha256.isOne(sha256) && !keep.contains(sha256)) {
                deleteKey(key);
                deleted++;
            }
        }
        return deleted;
    }

    private void put(String key, String sha256, RequestBody body) throws IOException {
        String checksum = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(sha256));
        S3Requests.send(
                "storing " + key + " in " + location,
                () ->
                        client.putObject(
                                r -> r.bucket(location.bucket()).key(key).checksumSHA256(checksum),
                                body));
    }

    /**
     * @throws NoSuchFileException if there is none of that key
     */
    private ResponseInputStream<GetObjectResponse> get(String key) throws IOException {
        try {
            return S3Requests.send(
                    "reading " + key + " of " + location,
                    () -> client.getObject(r -> r.bucket(location.bucket()).key(key)));
        } catch (IOException e) {
            if (e.getCause() instanceof NoSuchKeyException) {
                throw (NoSuchFileException)
                        new NoSuchFileException(key, null, "not in " + location).initCause(e);
            }
            throw e;
        }
    }

    private InputStream readable(InputStream response) {
        return S3Requests.readable(response, "reading from " + location);
    }

    private List<String> keys(String prefix) throws IOException {
        return S3Requests.send(
                "listing " + prefix + " of " + location,
                () -> {
                    List<String> keys = new ArrayList<>();
                    client.listObjectsV2Paginator(r -> r.bucket(location.bucket()).prefix(prefix))
                            .contents()
                            .forEach((S3Object object) -> keys.add(object.key()));
                    return keys;
                });
    }

    private void deleteKey(String key) throws IOException {
        S3Requests.send(
                "deleting " + key + " of " + location,
                () -> client.deleteObject(r -> r.bucket(location.bucket()).key(key)));
    }

    private String fileKey(String sha256) {
        Sha256.check(sha256);
        return location.key(FILES + sha256.substring(0, 2) + "/" + sha256);
    }

    @Override
    public String location() {
        return location.toString();
    }

    /** Ends the connections. Nothing can be asked afterwards. */
    @Override
    public void close() {
        client.close();
    }
}
