/**
 * The server side of the PostgreSQL protocol, version 3.0, and the port to an engine behind it: an
 * engine implements {@link dev.driftdb.pgwire.server.PgBackend} and {@link
 * dev.driftdb.pgwire.server.PgSession}, and {@link dev.driftdb.pgwire.server.PgServer} does the
 * rest.
 *
 * <pre>
 * bytes -&gt; StartupDecoder -&gt; StartupHandler                                           event loop
 * bytes -&gt; FrontendDecoder -&gt; PgConnection -&gt; Mailbox                                 event loop
 *          Mailbox -&gt; PgConnection.run -&gt; Conversation -&gt; PgSession -&gt; ChannelSink     session's thread
 *          ChannelSink -&gt; one buffer -&gt; channel                                       event loop
 * </pre>
 *
 * A session that says so ({@link dev.driftdb.pgwire.server.PgSession#runsQuickly}) has its short
 * messages handled on the event loop itself, while its thread waits.
 *
 * <h2>Start-up</h2>
 *
 * <pre>
 * client                              server
 *   SSLRequest, GSSENCRequest    -&gt;
 *                                &lt;-   'N', one byte: no encryption
 *   StartupMessage               -&gt;
 *                                &lt;-   NegotiateProtocolVersion   minor version above 0, or a _pq_. option
 *                                &lt;-   AuthenticationOk           trust
 *                                &lt;-   ParameterStatus…           PgBackend.connect
 *                                &lt;-   BackendKeyData
 *                                &lt;-   ReadyForQuery
 *   CancelRequest                -&gt;                              PgSession.cancel of another connection
 *                                     closes without an answer
 * </pre>
 *
 * Refused with a FATAL ErrorResponse: another major version and replication (0A000), no user
 * (28000), too many sessions (53300), too slow (57014), nonsense (08P01), a server that closes
 * (57P03).
 *
 * <h2>Simple query</h2>
 *
 * <pre>
 *   Query                        -&gt;                              PgSession.query
 *                                &lt;-   RowDescription | DataRow… | CommandComplete   for each statement
 *                                &lt;-   ErrorResponse              ends the rest of the string
 *                                &lt;-   ReadyForQuery
 * </pre>
 *
 * <h2>Extended query</h2>
 *
 * <pre>
 *   Parse                        -&gt;   &lt;-  ParseComplete
 *   Bind                         -&gt;   &lt;-  BindComplete
 *   Describe statement           -&gt;   &lt;-  ParameterDescription | RowDescription or NoData
 *   Describe portal              -&gt;   &lt;-  RowDescription or NoData
 *   Execute                      -&gt;   &lt;-  DataRow… | CommandComplete, PortalSuspended or EmptyQueryResponse
 *   Close                        -&gt;   &lt;-  CloseComplete
 *   Flush                        -&gt;                              sends what is buffered
 *   Sync                         -&gt;   &lt;-  ReadyForQuery          PgSession.sync
 * </pre>
 *
 * An error is one ErrorResponse; everything up to the next Sync is skipped. Answers are sent at
 * Sync and Flush, when all received messages are handled, and when 64 KiB are buffered.
 *
 * <h2>COPY</h2>
 *
 * <pre>
 *   Query or Execute             -&gt;
 *                                &lt;-   CopyInResponse
 *   CopyData…                    -&gt;                              PgSession.copyData
 *   CopyDone                     -&gt;                              PgSession.copyDone
 *                                &lt;-   CommandComplete, and ReadyForQuery after a simple query
 *   CopyFail                     -&gt;                              PgSession.copyFail
 *                                &lt;-   ErrorResponse 57014
 * </pre>
 *
 * During it Flush and Sync are ignored and any other message fails the COPY. After an error of a
 * simple query ReadyForQuery follows at once and what is left of the input is dropped; in the
 * extended protocol everything is dropped up to Sync.
 *
 * <h2>The end</h2>
 *
 * Terminate lets everything before it finish. A client that vanishes has its statement cancelled.
 * {@link dev.driftdb.pgwire.server.PgServer#close()} cancels and sends 57P01. In every case the
 * session is closed exactly once, by its own thread. A message above the limit is skipped unread
 * and answered with 54000; a body that contradicts itself is 08P01 and wrong UTF-8 22021, and the
 * session lives on, as the next message is where it should be. Only where that is not known
 * (unknown type, impossible length) the connection ends.
 */
@NullMarked
package dev.driftdb.pgwire.server;

import org.jspecify.annotations.NullMarked;
