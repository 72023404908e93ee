package dev.driftdb.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A port of this machine that nothing listens on. */
final class FreePort {
    private FreePort() {}

    /**
     * Another process may take it before its user does; the user's start then fails and says so.
     */
    static int find() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
