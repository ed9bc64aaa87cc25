package main

var bugsOfStreams = []bug{
	{"a read that fills its buffer is taken for all there is", "aionet/socket.go",
		"s.in.ready = n == len(p) || !s.drains || s.hangup", "s.in.ready = !s.drains || s.hangup", []tests{streams}},
	{"the end of the stream is waited for again", "aionet/socket.go",
		"s.in.ready = n == len(p) || !s.drains || s.hangup", "s.in.ready = n == len(p) || !s.drains", []tests{streams}},
	{"a short write is taken for a whole one", "aionet/socket.go",
		"for n < len(p) && err == nil {", "for n == 0 && len(p) > 0 && err == nil {", []tests{streams}},
	{"a write that would block is tried again without an event", "aionet/socket.go",
		"\tif err == syscall.EAGAIN {\n\t\ts.out.ready = false\n\t\treturn nil\n", "\tif err == syscall.EAGAIN {\n\t\treturn nil\n", []tests{streams}},
	{"half a message may be followed by another", "aionet/socket.go",
		"\t\ts.partial = true\n", "\t\ts.partial = s.closed\n", []tests{streams}},
	{"a second reader is let in", "aionet/half.go",
		"case h.busy:", "case h.busy && s.closed:", []tests{streams}},
	{"a closed socket leaves its reader waiting", "aionet/socket.go",
		"\t\th.until.stopTimer()\n\t\th.wake()\n", "\t\th.until.stopTimer()\n\t\tif h == &s.out {\n\t\t\th.wake()\n\t\t}\n", []tests{streams}},
	{"a server without descriptors does not pause", "internal/acceptor/acceptor.go",
		"a.pause(ctx, retry.next(), err)", "a.pause(ctx, 0*retry.next(), err)", []tests{streams, {dir: "./aiohttp"}}},
	{"a peer that has gone ends the server", "aionet/listener.go",
		"case syscall.ECONNABORTED, syscall.EPROTO:", "case syscall.EPROTO:", []tests{streams}},
	{"nobody takes turns with a fast peer", "aionet/half.go",
		"err != nil || h.spent <= fairShare {", "err != nil || h.spent >= 0 {", []tests{streams}},
}
