package dev.driftdb.materializer.snapshot.store;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** How this program speaks to S3: the client's settings, and its errors as IOExceptions. */
final class S3Requests {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    /** How long the server may be silent. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private S3Requests() {}

    /**
     * @throws IllegalArgumentException if there is nothing that names a region
     */
    static S3Client client(S3Location location, @Nullable AwsCredentialsProvider credentials) {
        S3ClientBuilder builder =
                S3Client.builder()
                        .httpClientBuilder(
                                UrlConnectionHttpClient.builder()
                                        .connectionTimeout(CONNECT)
                                        .socketTimeout(SILENCE))
                        // We give a checksum with what we send and check what we get; the SDK's own
                        // additions are not understood everywhere.
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        if (credentials != null) {
            builder.credentialsProvider(credentials);
        }
        if (location.endpoint() != null) {
            builder.endpointOverride(location.endpoint()).forcePathStyle(true);
        }
        if (location.region() != null) {
            builder.region(Region.of(location.region()));
        } else if (location.endpoint() != null) {
            builder.region(Region.US_EAST_1); // for the signature
        }
        try {
            return builder.build();
        } catch (SdkException e) {
            throw new IllegalArgumentException(location + ": " + e.getMessage(), e);
        }
    }

    /**
     * @param what the request does, for the message
     */
    static <T> T send(String what, Supplier<T> request) throws IOException {
        try {
            return request.get();
        } catch (SdkException e) {
            throw failed(what, e);
        }
    }

    private static IOException failed(String what, SdkException e) {
        if (e instanceof AbortedException) {
            Thread.currentThread().interrupt();
            IOException interrupted = new InterruptedIOException(what + ": interrupted");
            interrupted.initCause(e);
            return interrupted;
        }
        String status = e instanceof SdkServiceException s ? "status " + s.statusCode() + ", " : "";
        return new IOException(what + " failed: " + status + e.getMessage(), e);
    }

    /** What a response holds; the SDK's exceptions while it is read become IOExceptions. */
    static InputStream readable(InputStream response, String what) {
        return new FilterInputStream(response) {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                try {
                    return in.read(bytes, offset, length);
                } catch (SdkException e) {
                    throw failed(what, e);
                }
            }
        };
    }
}
