// Package aionet is the network on the loop: connections, listeners and packets on
// which tasks wait in straight lines while the others run.
//
//	l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:8000")
//	...
//	conn, err := l.AcceptContext(ctx)
//	...
//	n, err := conn.ReadContext(ctx, buf)
//
// The loop's own poller does the waiting, no goroutine does. [Conn] is a net.Conn,
// [Listener] a net.Listener, with the errors of package net, so that libraries which
// only read from and write to a connection run on the loop as they are: crypto/tls,
// bufio, net/textproto, encoding/gob.
//
// # Which context
//
// ReadContext and the like wait under the context that they are given. Read and Write
// have none: they wait under that of the task which calls them. A task that is
// cancelled, a group that fails, a Run that ends: they reach both. A timeout that the
// task has made for itself with asyncio.WithTimeout reaches only calls that are given
// its context; for a library use [Bind]:
//
//	ctx, timeout := asyncio.WithTimeout(ctx, time.Second)
//	defer timeout.Cancel()
//	line, err := textproto.NewReader(bufio.NewReader(aionet.Bind(ctx, conn))).ReadLine()
//
// # What to rely on
//
// One reader and one writer at a time; a second gets asyncio.ErrBusy (rule N1). A
// cancelled read has taken nothing (C3). Nothing is buffered here: a writer waits for
// its peer (N2). A task with a fast peer gives way to the others after 256 KiB. All of
// it belongs to one loop.
package aionet
