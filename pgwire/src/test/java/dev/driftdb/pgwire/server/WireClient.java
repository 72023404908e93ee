package dev.driftdb.pgwire.server;

import dev.driftdb.pgwire.WireBytes;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A raw client: sends bytes, and reads each answer as a short text such as "C SELECT 1". */
final class WireClient implements AutoCloseable {
    private static final int READ_TIMEOUT_MS = 20_000;

    final Socket socket;
    final DataInputStream in;

    /** Of BackendKeyData. */
    int processId;

    int secretKey;

    private WireClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_TIMEOUT_MS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
    }

    /** Has sent nothing. */
    static WireClient open(PgServer server) throws IOException {
        return new WireClient(server.boundPort());
    }

    /** Ready for a query. */
    static WireClient connect(PgServer server) throws IOException {
        WireClient client = open(server);
        client.send(WireBytes.startup(0, "user", "ann"));
        client.untilReady();
        return client;
    }

    void send(byte[]... messages) throws IOException {
        socket.getOutputStream().write(WireBytes.concat(messages));
    }

    /** The answers up to and with the next ReadyForQuery, or to the end of the connection. */
    List<String> untilReady() throws IOException {
        List<String> answers = new ArrayList<>();
        String answer;
        do {
            answer = read();
            answers.add(answer);
        } while (!answer.startsWith("Z") && !answer.equals("end"));
        return answers;
    }

    /** The next answer, "end" when the server has closed. */
    String read() throws IOException {
        byte type;
        byte[] body;
        try {
            type = in.readByte();
            body = new byte[in.readInt() - 4];
            in.readFully(body);
        } catch (EOFException | SocketException e) {
            return "end";
        }
        ByteBuffer fields = ByteBuffer.wrap(body);
        String rest =
                switch (type) {
                    case 'C' -> " " + string(fields);
                    case 'D' -> " " + row(fields);
                    case 'E' -> " " + error(fields);
                    case 'S' -> " " + string(fields) + "=" + string(fields);
                    case 'Z' -> " " + (char) body[0];
                    case 'v' -> negotiation(fields);
                    case 'K' -> {
                        processId = fields.getInt();
                        secretKey = fields.getInt();
                        yield "";
                    }
                    default -> "";
                };
        return (char) type + rest;
    }

    private static String negotiation(ByteBuffer in) {
        StringBuilder text = new StringBuilder(" " + in.getInt());
        int count = in.getInt();
        for (int i = 0; i < count; i++) {
            text.append(' ').append(string(in));
        }
        return text.toString();
    }

    private static String row(ByteBuffer in) {
        List<String> values = new ArrayList<>();
        int count = in.getShort();
        for (int i = 0; i < count; i++) {
            byte[] value = new byte[in.getInt()];
            in.get(value);
            values.add(new String(value, StandardCharsets.UTF_8));
        }
        return String.join(",", values);
    }

    /** Severity, SQLSTATE and message. */
    private static String error(ByteBuffer in) {
        List<String> values = new ArrayList<>();
        while (true) {
            byte code = in.get();
            if (code == 0) {
                return String.join(" ", values);
            }
            String value = string(in);
            if (code == 'V' || code == 'C' || code == 'M') {
                values.add(value);
            }
        }
    }

    private static String string(ByteBuffer in) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        byte next = in.get();
        while (next != 0) {
            text.write(next);
            next = in.get();
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
