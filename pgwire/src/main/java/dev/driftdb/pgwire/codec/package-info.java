/**
 * Bytes to {@link dev.driftdb.pgwire.message.FrontendMessage} and {@link
 * dev.driftdb.pgwire.message.BackendMessage} to bytes. Integers are big-endian; a {@code cstring}
 * is UTF-8 ended by a zero byte.
 *
 * <pre>
 * start-up phase   int32 length | int32 code | …                  {@link dev.driftdb.pgwire.codec.StartupDecoder}
 * afterwards       byte type | int32 length | body                {@link dev.driftdb.pgwire.codec.FrontendDecoder}
 * answers          byte type | int32 length | body                {@link dev.driftdb.pgwire.codec.BackendEncoder}
 * </pre>
 *
 * A length counts itself but not the type byte. Nothing a client sends makes a decoder throw: what
 * cannot be read becomes an {@link dev.driftdb.pgwire.message.FrontendMessage.Unreadable} in its
 * place. Decoders run on the event loop of their channel.
 */
@NullMarked
package dev.driftdb.pgwire.codec;

import org.jspecify.annotations.NullMarked;
