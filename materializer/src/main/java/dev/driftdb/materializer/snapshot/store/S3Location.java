package dev.driftdb.materializer.snapshot.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code s3://BUCKET/PREFIX?endpoint=URL&region=NAME}; all behind the bucket may be missing.
 *
 * @param endpoint of a server that is not Amazon's, {@code http} or {@code https}
 * @param region null where the environment is to say it
 * @param bucket which must be there
 * @param prefix of all keys, with no slash at either end; empty for none
 */
record S3Location(@Nullable URI endpoint, @Nullable String region, String bucket, String prefix) {
    static final String SCHEME = "s3://";

    private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9._-]{3,255}");
    private static final Pattern REGION = Pattern.compile("[A-Za-z0-9-]+");

    /** Of what needs no escape in any place, and no empty part. */
    private static final Pattern PREFIX = Pattern.compile("|[\\w.-]+(/[\\w.-]+)*");

    /**
     * @throws IllegalArgumentException that says what is wrong
     */
    S3Location {
        if (!BUCKET.matcher(bucket).matches()) {
            throw new IllegalArgumentException("not a bucket's name: \"" + bucket + "\"");
        }
        if (!PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "a prefix is letters, digits, . _ - and single slashes: \"" + prefix + "\"");
        }
        if (region != null && !REGION.matcher(region).matches()) {
            throw new IllegalArgumentException("not a region's name: \"" + region + "\"");
        }
        if (endpoint != null && !isEndpoint(endpoint)) {
            throw new IllegalArgumentException("the endpoint is not http(s)://HOST:PORT");
        }
    }

    private static boolean isEndpoint(URI uri) {
        return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                && uri.getHost() != null
                && uri.getRawUserInfo() == null // a secret would show in messages
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null;
    }

    /**
     * @throws IllegalArgumentException that says what is wrong
     */
    static S3Location parse(String text) {
        URI uri = uri(text);
        if (!text.startsWith(SCHEME) || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("it is not s3://BUCKET/PREFIX");
        }
        URI endpoint = null;
        String region = null;
        String query = uri.getRawQuery();
        for (String parameter : query == null ? new String[0] : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            String value = decoded(parameter.substring(equals + 1));
            switch (parameter.substring(0, Math.max(equals, 0))) {
                case "endpoint" -> endpoint = uri(value);
                case "region" -> region = value;
                default ->
                        throw new IllegalArgumentException(
                                "no \"endpoint=\" or \"region=\": \"" + parameter + "\"");
            }
        }
        String authority = uri.getRawAuthority();
        return new S3Location(
                endpoint, region, authority == null ? "" : authority, trimmed(uri.getRawPath()));
    }

    private static String decoded(String value) {
        return URLDecoder.decode(value.replace("+", "%2B"), UTF_8);
    }

    private static String trimmed(String path) {
        int from = path.startsWith("/") ? 1 : 0;
        int to = path.endsWith("/") ? path.length() - 1 : path.length();
        return path.substring(from, Math.max(from, to));
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** A key under the prefix. */
    String key(String name) {
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    /** What {@link #parse} reads. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(SCHEME).append(key(bucket, prefix));
        if (endpoint != null) {
            text.append("?endpoint=").append(endpoint);
        }
        if (region != null) {
            text.append(endpoint == null ? '?' : '&').append("region=").append(region);
        }
        return text.toString();
    }

    private static String key(String bucket, String prefix) {
        return prefix.isEmpty() ? bucket : bucket + "/" + prefix;
    }
}
