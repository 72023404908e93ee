package dev.driftdb.tests.wire;

import dev.driftdb.tests.support.TestNode;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client that speaks the protocol byte by byte, and may stop in the middle. */
final class RawClient implements AutoCloseable {
    private static final int PROTOCOL_3 = 196608;
    private static final int TIMEOUT_MS = 20_000;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    RawClient() throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), TestNode.port());
        socket.setSoTimeout(TIMEOUT_MS);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** Connects as user driftdb and reads until the server is ready. */
    RawClient startUp() throws IOException {
        byte[] words = "user\0driftdb\0database\0driftdb\0\0".getBytes(StandardCharsets.UTF_8);
        send(
                ByteBuffer.allocate(8 + words.length)
                        .putInt(8 + words.length)
                        .putInt(PROTOCOL_3)
                        .put(words)
                        .array());
        readUntil('Z');
        return this;
    }

    void query(String sql) throws IOException {
        message('Q', (sql + "\0").getBytes(StandardCharsets.UTF_8));
    }

    void message(char type, byte[] body) throws IOException {
        out.writeByte(type);
        out.writeInt(4 + body.length);
        out.write(body);
        out.flush();
    }

    /** The body of the next message of the type; those before it are dropped. */
    String readUntil(char type) throws IOException {
        while (true) {
            int found = in.readUnsignedByte();
            byte[] body = new byte[in.readInt() - 4];
            in.readFully(body);
            if (found == type) {
                return new String(body, StandardCharsets.UTF_8);
            }
        }
    }

    /** Reads what comes until the server closes; true if it did. */
    boolean closedByServer() throws IOException {
        try {
            byte[] buffer = new byte[8192];
            int read;
            do {
                read = in.read(buffer);
            } while (read >= 0);
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (java.net.SocketException e) {
            return true;
        }
    }

    /** Goes without a word: a reset, not even an orderly end. */
    void vanish() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
