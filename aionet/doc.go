// Package aionet is the network on the loop: connections, listeners and packets on
// which tasks wait in straight lines while the others run.
//
//	conn, err := aionet.Dial(ctx, "tcp", "example.com:80")
//	...
//	defer conn.Close()
//	_, err = conn.WriteContext(ctx, request)
//	...
//	n, err := conn.ReadContext(ctx, buf)
//
// The loop's own poller does the waiting, no goroutine does. [Conn] is a net.Conn,
// [Listener] a net.Listener, [PacketConn] a net.PacketConn, with the networks and the
// errors of package net.
//
// # Servers
//
// A [Server] runs a task for each connection. Handlers share what they like without
// locks; each may wait for whatever the loop offers.
//
//	l, err := aionet.Listen(ctx, "tcp", "localhost:7000")
//	...
//	s := &aionet.Server{Handler: func(ctx context.Context, c aionet.Stream) error {
//		r := aionet.NewReader(c, 4096) // the longest line
//		for line, err := range r.Lines(ctx) {
//			if err != nil {
//				return err
//			}
//			if _, err := c.WriteContext(ctx, line); err != nil {
//				return err
//			}
//		}
//		return nil
//	}}
//	err = s.Serve(ctx, l)
//
// It outlives a lack of descriptors, and handlers that panic; it closes connections on
// which nothing comes for five minutes; and its Shutdown ends.
//
// # Streams
//
// [Stream] is what all connections have in common: those of sockets ([Conn]), of TLS
// ([TLSConn]), and those within the program ([MemoryConn]). Write functions for it, and
// test them with [Pipe] or [ListenMemory] under the virtual clock of package
// asynciotest, where a timeout of a minute takes no time.
//
// [Reader] reads lines, delimited pieces and exact numbers of bytes. [TLSClient],
// [TLSServer] and [ListenTLS] put TLS on any stream, [StartTLSClient] and
// [StartTLSServer] on one that has begun without.
//
// # Which context
//
// ReadContext and the like wait under the context that they are given. Read and Write
// have none: they wait under that of the task which calls them. A task that is
// cancelled, a group that fails, a Run that ends: they reach both. A timeout that the
// task has made for itself with asyncio.WithTimeout reaches only calls that are given
// its context.
//
// # Libraries
//
// A library that does nothing with a connection but read and write runs on the loop as
// it is: crypto/tls, bufio, net/textproto, encoding/gob, many clients of databases.
// [Bind] gives it a view of the stream that waits under a context of yours:
//
//	ctx, timeout := asyncio.WithTimeout(ctx, time.Second)
//	defer timeout.Cancel()
//	line, err := textproto.NewReader(bufio.NewReader(aionet.Bind(ctx, conn))).ReadLine()
//
// Use it from one task at a time. A library that guards its calls with a mutex holds it
// while it waits, and a second task which wants it would stop the loop, and with it the
// first. A library that starts goroutines of its own gets a [Threadsafe] view, or runs
// in asyncio.ToThread with a connection of package net.
//
// # What to rely on
//
// One reader and one writer at a time; a second gets asyncio.ErrBusy (rule N1). A
// cancelled wait has taken nothing: no byte, no datagram, no connection (C3). A write
// that is cancelled in the middle has sent what it says, and the stream refuses to go
// on with [ErrPartialWrite] (N2). Nothing is buffered here: a writer waits for its peer.
// A task with a fast peer gives way to the others after 256 KiB.
//
// Errors are a *net.OpError around net.ErrClosed, os.ErrDeadlineExceeded or the
// system's number, and io.EOF as it is. A cancellation is the context's own error, in
// no OpError, so that errors.Is finds context.Canceled where the caller was cancelled
// and nowhere else. Deadlines are on the loop's clock: set them from asyncio.Now.
//
// All of it belongs to the loop on which it was made, but for the views that
// [Threadsafe] makes. docs/RELIABILITY.md lists the cases that all this is tested for.
//
// # Systems
//
// Linux, macOS and the BSDs have their own pollers. Elsewhere, and everywhere with the
// build tag asyncio_portable, sockets are package net's and goroutines carry the bytes.
// What a system has not got fails with errors.ErrUnsupported.
package aionet
